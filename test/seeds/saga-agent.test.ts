/**
 * The weaknesses of saga-agent, each with a test that ours does not have it, and S1 to S6 of what had to be beaten. Its LLM
 * runner (S7) has a file of its own, saga-agent-llm.test.ts. That its wheel is empty is answered by test/package.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CompensationFailedError,
  ConfigError,
  EffectUnknownError,
  executePlan,
  formatRun,
  NotAppliedError,
  type PlanFailedError,
  saga,
  tool,
  toSagaAudit,
} from 'holdfast'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fileLedger, gate, memoryLedger, temporaryFolder } from './support/ledgers.ts'
import { noteIn, shopTools } from './support/shop.ts'

const ORDER = { tool: 'pay', args: { order: '1' } }
const ITEM = { tool: 'stock', args: { item: 'A' } }
const PARCEL = { tool: 'ship', args: { address: 'Seoul' } }

/** The seed's quickstart: payment and stock work, shipping does not. */
function shop() {
  const log: string[] = []
  // The keys are for the outside, and not what these tests are about.
  const tools = Object.values(shopTools((line) => log.push(line.replace(/ hfc?_.*/, ''))))
  return { log, tools, ledger: memoryLedger({ tools }) }
}

test('retries are made in a flat list, which the synchronous executor did not', async () => {
  const ledger = memoryLedger()
  const keys: string[] = []
  const flaky = tool({
    name: 'flaky',
    retry: { attempts: 4, backoff: { initialMs: 1, jitter: 0 } },
    execute: (_: undefined, { idempotencyKey }) => {
      if (keys.push(idempotencyKey) < 4) throw new Error('Connection timeout')
      return 'done'
    },
  })
  const outcome = await executePlan([{ tool: 'flaky' }], [flaky], { ledger })
  expect(outcome).toMatchObject({ status: 'completed', results: ['done'], steps: [{ attempts: 4 }] })
  // The outside can tell that it was one deed.
  expect(new Set(keys).size).toBe(1)
})

test('tools that take time are awaited, beside those that do not', async () => {
  const ledger = memoryLedger()
  const now = tool({ name: 'now', execute: () => 'at once' })
  const later = tool({ name: 'later', execute: async () => 'later' })
  const { results } = await executePlan([{ tool: 'now' }, { tool: 'later' }], [now, later], { ledger })
  expect(results).toEqual(['at once', 'later'])
})

test('a result that is no JSON neither loses the record nor breaks the audit', async () => {
  const ledger = memoryLedger()
  const odd = tool({ name: 'odd', execute: () => ({ at: new Date(0), size: 5n, all: new Set([1]) }) })
  const lost = tool({ name: 'lost', execute: () => ({ socket: () => 1 }), compensate: () => undefined })
  const plan = [{ tool: 'odd' }, { tool: 'lost' }]
  const outcome = await executePlan(plan, [odd, lost], { ledger, id: 'x', throws: false })
  expect(outcome.results[0]).toEqual({ at: new Date(0), size: 5n, all: new Set([1]) })
  const audit = toSagaAudit(await ledger.runs.export('x'))
  expect(audit.steps.map(({ tool_name }) => tool_name)).toEqual(['odd', 'lost'])
  expect(() => JSON.stringify(audit)).not.toThrow()
})

test('an interrupt undoes what was done (S4), where a KeyboardInterrupt left it', async () => {
  const folder = temporaryFolder()
  const child = program('interrupted-shop.ts', folder)
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(logIn(folder)).toEqual(['pay 1', 'take A', 'put back A', 'refund TX-1', 'compensated'])
})

test('a mixed list is a plan, and no TypeError', async () => {
  const { ledger, tools } = shop()
  expect(await executePlan([ORDER, [ITEM, ORDER], ITEM], tools, { ledger })).toMatchObject({
    results: [{ transaction: 'TX-1' }, [{ item: 'A' }, { transaction: 'TX-1' }], { item: 'A' }],
  })
})

test.each([
  ['flat', [ORDER, { tool: 'refund' }]],
  ['nested', [[ORDER], [{ tool: 'refund' }]]],
  ['mixed', [ORDER, [ITEM, { tool: 'refund' }]]],
])('a %s list with an unknown tool starts nothing, and the error names those there are (S6)', async (_, plan) => {
  const { log, ledger, tools } = shop()
  const failed = executePlan(plan, tools, { ledger })
  await expect(failed).rejects.toThrow(ConfigError)
  await expect(failed).rejects.toThrow("no tool 'refund'; the tools are: pay, stock, ship")
  expect(log).toEqual([])
})

test('a failure is told with how often it was tried, and prints nothing by itself', async () => {
  const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error'), vi.spyOn(process.stdout, 'write')]
  onTestFinished(() => void vi.restoreAllMocks())
  const { ledger, tools } = shop()
  const outcome = await executePlan([ORDER, PARCEL], tools, { ledger, id: 'x', throws: false })
  expect(outcome.steps.map(({ attempts }) => attempts)).toEqual([1, 1])
  for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  // Who wants the seed's summary draws it.
  expect(formatRun(await ledger.runs.export('x'))).toContain('compensated')
})

test('a body that hangs is stopped by its timeout, and the others are undone', async () => {
  const { log, tools } = shop()
  const hang = tool({
    name: 'hang',
    timeoutMs: 20,
    onUnknown: () => ({ kind: 'not_applied' }),
    execute: (_: undefined, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    compensate: () => undefined,
  })
  const ledger = memoryLedger()
  const outcome = await executePlan([ORDER, { tool: 'hang' }], [...tools, hang], { ledger, throws: false })
  expect(outcome.status).toBe('compensated')
  expect(log).toEqual(['pay 1', 'refund TX-1'])
})

test('S1: groups are undone in reverse, members at once, also the siblings of the one that failed', async () => {
  const ledger = memoryLedger()
  const log: string[] = []
  const undo = [gate(), gate()] as const
  const deed = (name: string, undoing: () => unknown = () => undefined) =>
    tool({
      name,
      execute: ({ of }: { of: number }) => {
        log.push(name)
        return { id: `${name}-${of}` }
      },
      compensate: async (result, args) => {
        await undoing()
        // The seed's compensation saw only the result, AgentRelay's only the arguments.
        log.push(`undo ${result.id} of ${args.of}`)
      },
    })
  const fails = tool({
    name: 'fails',
    execute: () => {
      throw new NotAppliedError('declined')
    },
    compensate: () => void log.push('undo what never happened'),
  })
  const of = () => ({ of: 1 })
  const failed = saga<void>('s1')
    .parallel((group) => group.step('a', deed('a', undo[0].pass), of).step('b', deed('b', undo[1].pass), of))
    .parallel((group) => group.step('fails', fails, () => undefined).step('sibling', deed('sibling'), of))
    .execute(undefined, { ledger })
  const rejected = expect(failed).rejects.toThrow('declined')
  await Promise.all(undo.map(({ entered }) => entered))
  expect(log).toEqual(['a', 'b', 'sibling', 'undo sibling-1 of 1'])
  for (const { open } of undo) open()
  await rejected
  expect(log.slice(4).toSorted()).toEqual(['undo a-1 of 1', 'undo b-1 of 1'])
})

test('S1: a step whose outcome nobody knows is asked about first, and left and listed if nobody can say', async () => {
  const log: string[] = []
  const reset = () => Object.assign(new Error('reset'), { code: 'ECONNRESET' })
  const lost = (name: string, happened: boolean | undefined) =>
    tool({
      name,
      onUnknown: () => {
        if (happened === undefined) return { kind: 'unknown' }
        return happened ? { kind: 'applied', result: { id: 'found' } } : { kind: 'not_applied' }
      },
      execute: (): { id: string } => {
        throw reset()
      },
      compensate: ({ id }) => void log.push(`undo ${name} ${id}`),
    })
  const { log: shopLog, ledger, tools } = shop()
  const all = [...tools, lost('open', undefined)]
  const error = await executePlan([ORDER, { tool: 'open' }], all, { ledger }).catch((thrown: unknown) => thrown)
  expect((error as PlanFailedError).plan.steps).toMatchObject([{ status: 'compensated' }, { status: 'unknown' }])
  expect(CompensationFailedError.find(error)).toMatchObject({ left: [{ tool: 'open' }] })
  expect(EffectUnknownError.find(error)).toMatchObject({ tool: 'open' })
  expect(shopLog).toEqual(['pay 1', 'refund TX-1'])
  // One that turns out to have happened is its result: the plan goes on.
  const outcome = await executePlan([{ tool: 'applied' }], [lost('applied', true)], { ledger })
  expect(outcome.results).toEqual([{ id: 'found' }])
  expect(log).toEqual([])
})

test('S2: a tool decides whether its last failure is the saga’s, in every shape', async () => {
  const { tools } = shop()
  const attempts: string[] = []
  const notify = tool({
    name: 'notify',
    retry: { attempts: 3, scope: 'tool', backoff: { initialMs: 1, jitter: 0 } },
    execute: (): string => {
      attempts.push('notify')
      throw new Error('mail server down')
    },
  })
  for (const plan of [
    [ORDER, { tool: 'notify' }, ITEM],
    [[ORDER, { tool: 'notify' }], [ITEM]],
    [[{ tool: 'notify' }], ORDER, ITEM],
  ]) {
    const outcome = await executePlan(plan, [...tools, notify], { ledger: memoryLedger() })
    expect(outcome.status).toBe('completed')
    expect(outcome.steps.find((step) => step.tool === 'notify')).toMatchObject({ status: 'failed', attempts: 3 })
  }
  expect(attempts).toHaveLength(9)
})

test('S3: a process killed in the middle of a saga leaves it to the next, which repeats and loses nothing', async () => {
  const folder = temporaryFolder()
  const child = program('dying-saga.ts', folder, 'before shipping')
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(logIn(folder)).toEqual(['pay 1', 'take A'])
  const { pay, stock, ship } = shopTools(noteIn(join(folder, 'log')))
  const again = saga<void>('checkout')
    .parallel((group) => group.step('pay', pay, () => ({ order: '1' })).step('stock', stock, () => ({ item: 'A' })))
    .step('ship', ship, () => ({ address: 'Seoul' }))
    .execute(undefined, { ledger: fileLedger(folder), id: 'checkout-1' })
  await expect(again).rejects.toThrow('Connection refused')
  const [, , third, ...undone] = logIn(folder)
  expect(third).toBe('no carrier for Seoul')
  expect(undone.toSorted()).toEqual(['put back A', 'refund TX-1'])
})

test('S3: a process killed in the middle of undoing is finished by recover, under the same key', async () => {
  const folder = temporaryFolder()
  const child = program('dying-saga.ts', folder, 'in the middle of the refund')
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  const tools = Object.values(shopTools(noteIn(join(folder, 'log'))))
  const ledger = fileLedger(folder, { tools })
  const recovery = await ledger.recover()
  expect(recovery.compensated).toEqual([{ runId: 'checkout-1', status: 'compensated' }])
  const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')
  const undone = lines.filter((line) => line.startsWith('refund') || line.startsWith('put back'))
  // At least once; the outside honours their keys, which are the same.
  expect(new Set(undone).size).toBe(2)
  expect((await ledger.recover()).compensated).toEqual([])
})

test('S4: a signal undoes what was done, and starts nothing more', async () => {
  const { log, ledger, tools } = shop()
  const controller = new AbortController()
  const abort = tool({
    name: 'abort',
    execute: () => controller.abort(new Error('the user left')),
    compensate: () => void log.push('undo abort'),
  })
  const plan = [ORDER, { tool: 'abort' }, ITEM]
  const outcome = await executePlan(plan, [...tools, abort], { ledger, signal: controller.signal, throws: false })
  expect(outcome.status).toBe('compensated')
  expect(log).toEqual(['pay 1', 'undo abort', 'refund TX-1'])
})

test('S5: a compensation that failed is visible, keeps the log, stops no other, and can be repeated', async () => {
  let isBroken = true
  const log: string[] = []
  const { pay, ship } = shopTools((line) => log.push(line.replace(/ hfc?_.*/, '')))
  const stuck = tool({
    name: 'stuck',
    execute: () => ({ id: 's1' }),
    compensate: ({ id }) => {
      if (isBroken) throw new Error('Refund service is down')
      log.push(`undo ${id}`)
    },
  })
  const tools = [pay, stuck, ship]
  const ledger = memoryLedger({ tools })
  const plan = [ORDER, { tool: 'stuck' }, PARCEL]
  await executePlan(plan, tools, { ledger, id: 'x', throws: false })
  expect(log).toEqual(['pay 1', 'no carrier for Seoul', 'refund TX-1'])
  expect(toSagaAudit(await ledger.runs.export('x'))).toMatchObject({
    status: 'COMPENSATION_FAILED',
    steps: [
      { tool_name: 'pay', status: 'COMPENSATED' },
      { tool_name: 'stuck', status: 'COMPENSATION_FAILED', compensation_error: 'Refund service is down' },
      { tool_name: 'ship', status: 'FAILED', error: 'Connection refused' },
    ],
  })
  isBroken = false
  expect(await ledger.runs.compensate('x')).toMatchObject({ status: 'compensated', failures: [] })
  expect(toSagaAudit(await ledger.runs.export('x'))).toMatchObject({ status: 'COMPENSATED' })
  expect(log.slice(3)).toEqual(['undo s1'])
})

function program(file: string, ...args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(`./support/${file}`, import.meta.url))
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', path, ...args], { stdio: [...stdio] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** What happened outside, without the keys. */
function logIn(folder: string): string[] {
  const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')
  return lines.map((line) => line.replace(/ hfc?_.*/, ''))
}
