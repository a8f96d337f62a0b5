import { expect, test } from 'vitest'
import { createLedger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { memory } from '../store/sqlite/sqlite.ts'
import { ManualClock } from '../util/manual-clock.ts'

test('a run that is canceled and retried in one process loses the old right to it, and keeps the new one', async () => {
  const clock = new ManualClock()
  await using ledger = createLedger({ store: memory(), clock })
  const finish = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const slow = tool({
    name: 'slow',
    execute: () => {
      entered.resolve()
      return finish.promise
    },
  })
  const first = ledger.run({ id: 'order' }, () => slow()).catch((error: unknown) => error)
  await entered.promise
  await ledger.runs.cancel('order')
  const second = await ledger.open({ id: 'order', retry: true })
  await clock.advance(60_000)
  expect(second.error).toBeUndefined()
  expect(second.signal.aborted).toBe(false)
  await second.complete('done')
  finish.resolve()
  expect(await first).toMatchObject({ code: 'run-canceled' })
})
