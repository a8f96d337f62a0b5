import { expect, test } from 'vitest'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { tool } from '../run/callable-tool.ts'
import { Deeds } from '../testing/deeds.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Reconciliation } from '../tool/tool-definition.ts'

const BOOM = new Error('the agent gave up')
const RESET = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

/** A run with an effect whose answer was lost, between two that succeeded. */
async function doubtful(answers: Reconciliation<string>[], certain: unknown = RESET) {
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const ship = tool({
    name: 'ship',
    execute: (): string => {
      throw certain
    },
    compensate: (result) => void deeds.log.push(`undo ${result}`),
    ...(answers.length === 0 ? {} : { onUnknown: () => answers.shift() ?? { kind: 'unknown' as const } }),
  })
  const ledger = temporaryLedger({ tools: [pay, ship] })
  const thrown = await ledger
    .run({ id: 'order' }, async () => {
      await pay({ note: 'a' })
      await ship().catch(() => undefined)
      await pay({ note: 'b' })
      throw BOOM
    })
    .catch((error: unknown) => error)
  return { ledger, deeds, thrown }
}

test('an effect that stays unknown is left and listed; the others are undone', async () => {
  const { ledger, deeds, thrown } = await doubtful([])
  expect(CompensationFailedError.isInstance(thrown)).toBe(true)
  expect((thrown as CompensationFailedError).failures).toMatchObject([
    { tool: 'ship', error: { code: 'effect-unknown' } },
  ])
  expect(deeds.undone).toEqual(['pay a'])
  expect((await ledger.runs.get('order'))?.status).toBe('compensation_failed')
})

test('a human says that it happened, and it is undone like the others', async () => {
  const { ledger, deeds, thrown } = await doubtful([])
  const [left] = (thrown as CompensationFailedError).failures
  await ledger.effects.resolve(left?.key ?? '', { outcome: 'applied', result: 'ship 7', by: 'ops' })
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated', compensated: 1 })
  expect(deeds.undone).toEqual(['pay a', 'ship 7'])
})

test('a human says that it did not, and nothing is left', async () => {
  const { ledger, deeds, thrown } = await doubtful([])
  const [left] = (thrown as CompensationFailedError).failures
  await ledger.effects.resolve(left?.key ?? '', { outcome: 'not_applied' })
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated', compensated: 0 })
  expect(deeds.undone).toEqual(['pay a'])
})

test('a reconcile hook that could not say when it happened is asked again before anything is undone', async () => {
  const { ledger, deeds } = await doubtful([{ kind: 'unknown' }, { kind: 'applied', result: 'ship 7' }])
  expect(deeds.undone).toEqual(['ship 7', 'pay a'])
  expect((await ledger.runs.get('order'))?.status).toBe('compensated')
})

test('a failure that only seems to have had no effect is asked about; without a hook it is left alone', async () => {
  const asked = await doubtful([{ kind: 'applied', result: 'ship 7' }], new TypeError('after the request?'))
  expect(asked.deeds.undone).toEqual(['ship 7', 'pay b', 'pay a'])
  const unasked = await doubtful([], new TypeError('after the request?'))
  expect(unasked.deeds.undone).toEqual(['pay b', 'pay a'])
  expect((await unasked.ledger.runs.get('order'))?.status).toBe('compensated')
})

test('a failure whose hook cannot say is listed', async () => {
  const { ledger, thrown } = await doubtful([{ kind: 'unknown' }], new TypeError('after the request?'))
  expect((thrown as CompensationFailedError).failures).toMatchObject([{ tool: 'ship' }])
  expect((await ledger.runs.get('order'))?.status).toBe('compensation_failed')
})

test('a result that could not be stored blocks its compensation, unless the tool keeps what that needs', async () => {
  class Handle {
    readonly id = 'h1'
    run() {}
  }
  const undone: unknown[] = []
  const open = (keep: boolean) =>
    tool({
      name: keep ? 'keeping' : 'losing',
      execute: () => new Handle(),
      compensate: (_handle, _args, { kept }) => void undone.push(kept),
      ...(keep ? { keep: (handle: Handle) => handle.id } : {}),
    })
  const ledger = temporaryLedger()
  const attempt = (id: string, keep: boolean) =>
    ledger.run({ id }, async () => {
      await open(keep)().catch(() => undefined)
      throw BOOM
    })
  await expect(attempt('kept', true)).rejects.toBe(BOOM)
  expect(undone).toEqual(['h1'])
  await expect(attempt('lost', false)).rejects.toMatchObject({ failures: [{ error: { code: 'not-serializable' } }] })
  expect(undone).toEqual(['h1'])
})
