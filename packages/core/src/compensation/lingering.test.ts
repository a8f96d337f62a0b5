import { expect, test } from 'vitest'
import { tool } from '../run/callable-tool.ts'
import { gate } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Reconciliation } from '../tool/tool-definition.ts'

const BOOM = new Error('the agent gave up')

/** A payment whose body does not heed its signal, and lands after its time. */
function latePayment(hook?: () => Reconciliation<string>) {
  const lands = gate<void>()
  const undone: unknown[] = []
  const pay = tool({
    name: 'pay',
    timeoutMs: 20,
    execute: async () => {
      await lands.pass()
      return 'charge 1'
    },
    compensate: (result) => void undone.push(result),
    ...(hook === undefined ? {} : { onUnknown: hook }),
  })
  return { lands, undone, pay }
}

test.each([
  ['without a hook', undefined],
  ['whose hook says that it has not happened, which is true by then', () => ({ kind: 'not_applied' }) as const],
])('a body that outlived its time is awaited before anything is undone: %s', async (_, hook) => {
  const ledger = temporaryLedger({ graceMs: 20 })
  const { lands, undone, pay } = latePayment(hook)
  const run = ledger.run({ id: 'order' }, async () => {
    await pay().catch(() => undefined)
    throw BOOM
  })
  const ended = run.catch(() => undefined)
  await eventually(async () => expect((await ledger.runs.get('order'))?.status).toBe('compensating'))
  lands.open()
  await ended
  expect(undone).toEqual(['charge 1'])
  expect((await ledger.runs.get('order'))?.status).toBe('compensated')
})

test('one that lives longer than a lease is left and listed', async () => {
  const ledger = temporaryLedger({ graceMs: 20, leaseMs: 200 })
  const { lands, undone, pay } = latePayment(() => ({ kind: 'not_applied' }))
  const run = ledger.run({ id: 'order' }, async () => {
    await pay().catch(() => undefined)
    throw BOOM
  })
  await expect(run).rejects.toMatchObject({ failures: [{ tool: 'pay', error: { code: 'effect-unknown' } }] })
  expect(undone).toEqual([])
  expect((await ledger.runs.get('order'))?.status).toBe('compensation_failed')
  lands.open()
})

test('what was thrown and is no error is not lost when a compensation fails', async () => {
  const ledger = temporaryLedger()
  const pay = tool({
    name: 'pay',
    execute: () => 1,
    compensate: () => {
      throw new Error('closed')
    },
  })
  const run = ledger.run({ id: 'order' }, async () => {
    await pay()
    throw { code: 'E_BUSINESS' }
  })
  await expect(run).rejects.toMatchObject({ code: 'compensation-failed', cause: { code: 'E_BUSINESS' } })
})

test('a step that a saga below had failed with does not stand in the way of its parent', async () => {
  const ledger = temporaryLedger()
  const undone: string[] = []
  const charge = tool({ name: 'charge', execute: () => 1, compensate: () => void undone.push('charge') })
  const agent = (isResumed: boolean) => async () => {
    await charge()
    const pay = tool({
      name: 'pay',
      execute: () => {
        throw new TypeError('a bug')
      },
      compensate: () => undefined,
    })
    const book = tool({ name: 'book', execute: () => 1, compensate: () => void undone.push('book') })
    const below = ledger.run({ name: 'saga' }, async () => {
      if (isResumed) throw new Error('served from the record')
      await book()
      await pay()
    })
    await below.catch(() => undefined)
    throw BOOM
  }
  const controller = new AbortController()
  const first = ledger.run({ id: 'order', signal: controller.signal }, async () => {
    await agent(false)().catch(() => undefined)
    controller.abort(BOOM)
    throw BOOM
  })
  await expect(first).rejects.toBe(BOOM)
  expect(undone).toEqual(['book'])
  await expect(ledger.run({ id: 'order' }, agent(true))).rejects.toBe(BOOM)
  expect(undone).toEqual(['book', 'charge'])
})
