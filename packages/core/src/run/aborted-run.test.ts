import { describe, expect, test, vi } from 'vitest'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { EffectContext } from '../tool/tool-definition.ts'
import { tool } from './callable-tool.ts'
import { currentRun } from './current-run.ts'
import type { Run } from './run.ts'

const ID = { id: 'turn-1' }
const CALL = { provider: 'test', model: 'test-1', request: { messages: ['hi'] } }

/** Ends the first time only when it is told to stop; answers from then on. */
function patient() {
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const wait = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      if (send.mock.calls.length > 1) return resolve('said')
      signal.addEventListener('abort', () => reject(signal.reason))
      start()
    })
  const send = vi.fn(({ signal }: { signal: AbortSignal }) => wait(signal))
  return { send, started }
}

async function abortedWhile(started: Promise<void>, running: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController()
  const ended = running(controller.signal)
  ended.catch(() => undefined)
  await started
  controller.abort(new Error('closed tab'))
  await expect(ended).rejects.toThrow('closed tab')
}

describe('a run that was aborted and goes on', () => {
  test('sends a model call again that was in flight, and shows the first as lost', async () => {
    const ledger = temporaryLedger()
    const { send, started } = patient()
    const agent = (run: Run) => run.call(CALL, send)
    await abortedWhile(started, (signal) => ledger.run({ ...ID, signal }, agent))
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'running', dead: true })
    expect(await ledger.run(ID, agent)).toBe('said')
    expect((await ledger.calls.list()).map(({ status }) => status)).toEqual(['lost', 'succeeded'])
    expect((await ledger.verify()).ok).toBe(true)
  })

  test('reads again what it was reading', async () => {
    const ledger = temporaryLedger()
    const { send, started } = patient()
    const read = (run: Run) =>
      tool({ name: 'look', effect: 'read', execute: () => send({ signal: run.signal }) })(undefined)
    await abortedWhile(started, (signal) => ledger.run({ ...ID, signal }, read))
    expect(await ledger.run(ID, read)).toBe('said')
  })

  test('goes on with the child run that was let go with it', async () => {
    const ledger = temporaryLedger()
    const body = gate<string>()
    const slow = tool({ name: 'slow', execute: () => body.pass() })
    const charge = countedTool('charge')
    const agent = () =>
      ledger.run({ name: 'child' }, async () => [await slow(undefined), await charge({ note: 'tea' })])
    await abortedWhile(body.started, (signal) => {
      signal.addEventListener('abort', () => body.open('done'))
      return ledger.run({ ...ID, signal }, agent)
    })
    expect(await ledger.run(ID, agent)).toEqual(['done', 'charge of tea'])
  })

  test('is not completed by an agent that swallowed what the abort refused', async () => {
    const ledger = temporaryLedger()
    const controller = new AbortController()
    const charge = countedTool('charge')
    const swallow = async () => {
      controller.abort(new Error('closed tab'))
      return charge({ note: 'tea' }).catch((error: Error) => `tool error: ${error.message}`)
    }
    await expect(ledger.run({ ...ID, signal: controller.signal }, swallow)).rejects.toThrow('closed tab')
    expect(await ledger.run(ID, () => charge({ note: 'tea' }))).toBe('charge of tea')
  })

  test('was completed if the agent returned and nothing had been refused', async () => {
    const ledger = temporaryLedger()
    const controller = new AbortController()
    const agent = () => {
      controller.abort()
      return 'done'
    }
    expect(await ledger.run({ ...ID, signal: controller.signal }, agent)).toBe('done')
    expect((await ledger.runs.get('turn-1'))?.status).toBe('completed')
  })
})

test.each(['run', 'open'] as const)(
  'a signal that aborts while ledger.%s opens the run starts nothing',
  async (verb) => {
    const ledger = temporaryLedger()
    const controller = new AbortController()
    const agent = vi.fn()
    const options = { ...ID, signal: controller.signal }
    const opening = verb === 'run' ? ledger.run(options, agent) : ledger.open(options)
    controller.abort(new Error('closed tab'))
    await expect(opening).rejects.toThrow('closed tab')
    expect(agent).not.toHaveBeenCalled()
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'running', dead: true })
  },
)

test('an opened run follows its signal, and is let go when it is disposed of after an abort', async () => {
  const ledger = temporaryLedger()
  const controller = new AbortController()
  const run = await ledger.open({ ...ID, signal: controller.signal })
  controller.abort(new Error('closed tab'))
  expect(run.signal.aborted).toBe(true)
  await expect(run.perform(countedTool('charge'), { note: 'tea' })).rejects.toThrow('closed tab')
  await run[Symbol.asyncDispose]()
  expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'running', dead: true })
})

test('an abort reaches what is in flight in a child run', async () => {
  const ledger = temporaryLedger()
  const controller = new AbortController()
  const told: boolean[] = []
  const body = gate<string>()
  const slow = tool({
    name: 'slow',
    onUnknown: 'retry',
    execute: async (_: { n: number }, { signal }: EffectContext) => {
      const child = currentRun()
      signal.addEventListener('abort', () => {
        told.push(child.signal.aborted)
        body.break(signal.reason)
      })
      return body.pass()
    },
  })
  const run = ledger.run({ id: 'parent', signal: controller.signal }, () => ledger.run({}, () => slow({ n: 1 })))
  const failed = run.catch((error: unknown) => error)
  await body.started
  controller.abort(new Error('the tab was closed'))
  expect(String(await failed)).toContain('the tab was closed')
  expect(told).toEqual([true])
})
