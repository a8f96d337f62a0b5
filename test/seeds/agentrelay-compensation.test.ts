/** The weaknesses of AgentRelay where it undoes, each with a test that ours does not have it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompensationFailedError, NotAppliedError, StoreUnavailableError, tool } from 'holdfast'
import { expect, test } from 'vitest'
import { killedAt } from './support/children.ts'
import { BOOM, failing } from './support/failing-run.ts'
import { failingStore } from './support/failing-store.ts'
import { fileLedger, memoryLedger, temporaryFolder } from './support/ledgers.ts'
import { noteIn, shopTools } from './support/shop.ts'

test.each([
  ['known not to have happened', new NotAppliedError('declined'), 'failed'],
  ['a failure of the tool itself', new TypeError('x is undefined'), 'failed'],
  ['of an outcome that nobody knows', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'unknown'],
])('R9: a step that raised is not undone as if it had happened (%s)', async (_, error, status) => {
  const undone: string[] = []
  const step = (name: string, thrown?: unknown) =>
    tool({
      name,
      execute: (_: undefined) => {
        if (thrown !== undefined) throw thrown
        return name
      },
      compensate: (result) => void undone.push(`undo ${result}`),
    })
  const ledger = memoryLedger()
  await failing(ledger, async () => {
    await step('pay')(undefined)
    await step('ship', error)(undefined).catch(() => undefined)
  })
  expect(undone).toEqual(['undo pay'])
  expect(await ledger.effects.list({ tool: 'ship' })).toMatchObject([{ status, compensation: null }])
})

test('R9: nor is one that was stopped before it began', async () => {
  const undone: string[] = []
  const controller = new AbortController()
  const pay = tool({
    name: 'pay',
    execute: ({ cents }: { cents: number }) => {
      controller.abort(new Error('the user left'))
      return cents
    },
    compensate: (cents) => void undone.push(`undo ${cents}`),
  })
  const agent = async () => {
    await pay({ cents: 1 })
    await pay({ cents: 2 })
  }
  const run = { id: 'order', signal: controller.signal, onAbort: 'compensate' } as const
  await expect(memoryLedger().run(run, agent)).rejects.toThrow('the user left')
  expect(undone).toEqual(['undo 1'])
})

test('a compensation gets the result too, and not only the arguments', async () => {
  const undone: unknown[] = []
  const pay = tool({
    name: 'pay',
    execute: ({ cents }: { cents: number }) => ({ id: 'ch_1', cents }),
    compensate: (result, args, { idempotencyKey }) => void undone.push(result, args, typeof idempotencyKey),
  })
  await failing(memoryLedger(), () => pay({ cents: 5 }))
  expect(undone).toEqual([{ id: 'ch_1', cents: 5 }, { cents: 5 }, 'string'])
})

test('R14: what is to be undone is on record and not in the memory of the process that did it', async () => {
  const folder = temporaryFolder()
  await killedAt('before-compensation', './dying-order.ts', folder)
  const outside = () => readFileSync(join(folder, 'log'), 'utf8').replaceAll(/ hfc?_.*/g, '')
  expect(outside()).toBe('pay 1\ntake A\n')
  const tools = Object.values(shopTools(noteIn(join(folder, 'log'))))
  const ledger = fileLedger(folder, { tools })
  // Whoever asks for the run finishes it, too, and is told why it had failed.
  await expect(ledger.run({ id: 'order-1' }, () => 'never called')).rejects.toThrow('the agent gave up')
  expect(outside()).toBe('pay 1\ntake A\nput back A\nrefund TX-1\n')
})

test('R16: a compensation that failed leaves its trace on the run, and does not hide why the run failed', async () => {
  const ledger = memoryLedger()
  const pay = tool({
    name: 'pay',
    execute: (_: undefined) => 'paid',
    compensate: () => {
      throw new Error('the bank is closed')
    },
  })
  const thrown = await failing(ledger, () => pay(undefined))
  expect(CompensationFailedError.find(thrown)).toMatchObject({ cause: BOOM, left: [{ tool: 'pay' }] })
  expect(await ledger.runs.get('order')).toMatchObject({
    status: 'compensation_failed',
    error: { message: BOOM.message },
  })
  expect(await ledger.effects.list()).toMatchObject([
    { status: 'compensation_failed', result: 'paid', compensation: { error: { message: 'the bank is closed' } } },
  ])
})

test('R16: what happened while the store was gone is no failure, and is undone when its run fails', async () => {
  let isFull = true
  const undone: string[] = []
  const pay = tool({
    name: 'pay',
    execute: (_: undefined) => 'paid',
    compensate: (result) => void undone.push(`undo ${result}`),
  })
  const ledger = memoryLedger({ store: failingStore(() => isFull), tools: [pay] })
  const thrown = await failing(ledger, async () => {
    await pay(undefined).catch(() => undefined)
    isFull = false
  })
  expect(StoreUnavailableError.find(thrown)).toBeDefined()
  await ledger.recover()
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated' })
  expect(undone).toEqual(['undo paid'])
})
