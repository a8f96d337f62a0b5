import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { createLedger, type Ledger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { HOLD_LEASE_MS } from '../store/limit-records.ts'
import { memory, sqlite } from '../store/sqlite/sqlite.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryFolder } from '../testing/story.ts'
import { usd } from '../usd.ts'
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

test('nothing is renewed, and no timer is left, once no run is open', async () => {
  const clock = new ManualClock()
  await using ledger = createLedger({ store: memory(), clock })
  const quick = tool({ name: 'quick', leaseMs: 3_000, execute: () => 'done' })
  await ledger.run({ id: 'order' }, async () => {
    expect(clock.pending).toBe(1)
    await quick()
  })
  expect(clock.pending).toBe(0)
})

test.each([600_000, Number.POSITIVE_INFINITY])(
  'what a shared run holds is not taken for lost while its process lives, where a lease of the ledger takes %i ms',
  async (leaseMs) => {
    const clock = new ManualClock()
    const path = join(temporaryFolder(), 'ledger.db')
    await using ledger = createLedger({ store: sqlite(path), clock, leaseMs, limits: {} })
    const run = await ledger.open({ id: 'order', shared: true })
    const hold = await run.reserve({ model: 'gpt-5', usd: usd(1) })
    const database = new Database(path, { readonly: true })
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(HOLD_LEASE_MS)
      const { beat } = database.prepare('SELECT beat FROM owner').get() as { beat: number }
      expect(clock.monotonic() - beat).toBeLessThan(HOLD_LEASE_MS)
    }
    database.close()
    await hold.release()
    await run.complete()
  },
)

test('the shortest lease sets the pace for all', async () => {
  const clock = new ManualClock()
  await using ledger = createLedger({ store: memory(), clock })
  const { promise: heard, resolve: hear } = Promise.withResolvers<unknown>()
  const short = tool({
    name: 'short',
    leaseMs: 3_000,
    execute: (_: undefined, { signal }) => {
      signal.addEventListener('abort', () => hear(clock.monotonic()))
      return heard
    },
  })
  const run = await ledger.open({ id: 'order' })
  const ended = run.perform(short, undefined).catch((error: unknown) => error)
  const [effect] = await untilClaimed(ledger)
  // Told by nobody but the renewal: somebody else has settled the effect.
  await ledger.effects.commit(effect?.key ?? '', 1, { outcome: 'succeeded', result: 'by webhook' })
  await clock.advance(1_000)
  expect(await heard).toBe(1_000)
  expect(await ended).toMatchObject({ code: 'lease-lost' })
})

async function untilClaimed(ledger: Ledger) {
  return eventually(async () => {
    const effects = await ledger.effects.list()
    expect(effects).toHaveLength(1)
    return effects
  })
}

test('closing one ledger leaves the leases of the others on its file renewed', async () => {
  const clock = new ManualClock()
  const store = memory()
  const [first, second] = [createLedger({ store, clock }), createLedger({ store, clock })]
  await using third = createLedger({ store, clock })
  await first.run({ id: 'opened the file' }, () => undefined)
  const left = await first.open({ id: 'left open' })
  const run = await second.open({ id: 'order' })
  await first.close()
  for (let beat = 0; beat < 10; beat++) await clock.advance(20_000)
  expect(await third.runs.get('order')).toMatchObject({ status: 'running', dead: false })
  expect(left.id).toBe('left open')
  await run.complete()
  await second.close()
})
