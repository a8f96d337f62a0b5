import { describe, expect, test } from 'vitest'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { tool } from './callable-tool.ts'

const ID = { id: 'turn-1' }
const CALL = { provider: 'test', model: 'test-1', request: {} }

describe('a model call that is in flight when its run ends', () => {
  test('is told to stop when the run fails, and its error is no answer for the next attempt', async () => {
    const ledger = temporaryLedger()
    let told: unknown
    const ended = ledger.run(ID, async (run) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const send = ({ signal }: { signal: AbortSignal }) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => {
            told = signal.reason
            reject(signal.reason)
          })
          resolve()
        })
      run.call(CALL, send).catch(() => undefined)
      await promise
      throw new Error('the agent gave up')
    })
    await expect(ended).rejects.toThrow('the agent gave up')
    expect(told).toMatchObject({ name: 'RunClosedError' })
    expect(await ledger.run({ ...ID, retry: true }, (run) => run.call(CALL, async () => 'said'))).toBe('said')
    expect((await ledger.calls.list()).map(({ status }) => status)).toEqual(['lost', 'succeeded'])
  })

  test('is left to end inside the body of an effect, whose outcome depends on it', async () => {
    const ledger = temporaryLedger()
    const answer = gate<string>()
    const send = ({ signal }: { signal: AbortSignal }) => {
      signal.addEventListener('abort', () => answer.break(signal.reason))
      return answer.pass()
    }
    const ended = ledger.run(ID, async (run) => {
      const draft = tool({ name: 'draft', execute: () => run.call(CALL, send) })
      draft(undefined).catch(() => undefined)
      await answer.started
      throw new Error('the agent gave up')
    })
    const settled = expect(ended).rejects.toThrow('the agent gave up')
    await eventually(async () => expect((await ledger.runs.get('turn-1'))?.status).toBe('closing'))
    answer.open('said')
    await settled
    expect(await ledger.effects.list()).toMatchObject([{ tool: 'draft', status: 'succeeded', result: 'said' }])
  })

  test.each(['fails', 'completes'])('is given up after leaseMs if it hangs, and the run %s', async (how) => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const hung = gate<string>()
    const ended = ledger.run(ID, async (run) => {
      run.call(CALL, hung.pass).catch(() => undefined)
      await hung.started
      if (how === 'fails') throw new Error('the agent gave up')
    })
    const settled = ended.catch((error: Error) => error.message)
    await eventually(async () => expect((await ledger.runs.get('turn-1'))?.status).toBe('closing'))
    // In steps, so that heartbeats reach the store in between.
    for (let passed = 0; passed < 70_000; passed += 10_000) await clock.advance(10_000)
    expect(await settled).toBe(how === 'fails' ? 'the agent gave up' : undefined)
    expect((await ledger.runs.get('turn-1'))?.status).toBe(how === 'fails' ? 'failed' : 'completed')
    hung.open('late')
    await eventually(async () => expect((await ledger.calls.list())[0]?.response).toBe('late'))
  })
})

test('complete waits for what run.waitUntil was given, which may go on working in the run', async () => {
  const ledger = temporaryLedger()
  const charge = countedTool('charge')
  const wait = gate<void>()
  const run = await ledger.open(ID)
  run.waitUntil(wait.pass().then(() => run.perform(charge, { note: 'afterwards' })))
  const completed = run.complete('done')
  wait.open()
  await completed
  expect(charge.done).toEqual(['afterwards'])
  expect((await ledger.runs.get('turn-1'))?.status).toBe('completed')
})
