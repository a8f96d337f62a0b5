import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { gate } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'
import { again } from './testing/again.ts'
import { endingOf } from './testing/ending-of.ts'
import { giving } from './testing/giving-tool.ts'

const ID = { id: 'turn-1' }

/** A model that says in which attempt it was asked. */
function say(run: Run, content: unknown): Promise<{ attempt: number }> {
  const request = { messages: [{ role: 'user', content }] }
  return run.call({ provider: 'p', model: 'm', request }, async () => ({ attempt: run.attempt }))
}

describe('a completed run that is gone through again', () => {
  test('is advised where it was, so that its model calls are found', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    class Answer {}
    const told: unknown[] = []
    ledger.on('loop-advised', (event) => told.push(event))
    const agent = async (run: Run) => {
      let said = ''
      for (let time = 0; time < 3; time++) said = `${await search()} ${run.loops.takeAdvice('search')}`
      await say(run, said)
      return new Answer()
    }
    const limits = { loop: { repeats: 3 } }
    expect(await ledger.run({ ...ID, limits }, agent)).toBeInstanceOf(Answer)
    expect(await ledger.run(ID, agent)).toBeInstanceOf(Answer)
    expect(told).toHaveLength(1)
  })
})

describe('calls that were in flight together', () => {
  test.each([
    ['reads', { effect: 'read' } as const],
    ['writes that may be repeated', { repeatable: true }],
  ])('are one call when they are served, too: %s', async (_, policy) => {
    const ledger = temporaryLedger()
    let body = gate<string>()
    const look = tool({ name: 'look', ...policy, execute: () => body.pass() })
    const counts: unknown[] = []
    const agent = async (run: Run) => {
      for (let turn = 0; turn < 2; turn++) {
        body = gate<string>()
        const started: Promise<string>[] = []
        // One begins after the other; where the record answers, also after that has.
        while (started.length < 6) {
          const call = look()
          started.push(call)
          await Promise.race([body.started, call])
        }
        body.open('same')
        await Promise.all(started)
      }
      counts.push(...run.loops.counts().map(({ count }) => count))
    }
    await interrupted(ledger, 'turn-1', agent)
    await interrupted(ledger, 'turn-1', agent)
    const times = await endingOf(ledger, ID, async (run) => {
      await agent(run)
      body.open('same')
      return again(9, () => look())
    })
    expect(counts).toEqual([2, 2, 2])
    expect(times).toBeInstanceOf(LoopDetectedError)
    expect(times).toMatchObject({ callCount: 6 })
  })
})

describe('what is called within something that is recorded as a whole', () => {
  test.each([
    ['a value', (run: Run, n: number, inside: () => Promise<unknown>) => run.value(`v${n}`, inside)],
    [
      'a model call',
      (run: Run, n: number, inside: () => Promise<unknown>) =>
        run.call({ provider: 'p', model: 'm', request: { n } }, inside),
    ],
  ])('breaks no streak of what is outside, live or resumed: %s', async (_, within) => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    let n = 0
    const other = tool({ name: 'other', effect: 'read', execute: () => ++n })
    const turns = (run: Run, many: number) =>
      again(many, async (turn) => {
        await search()
        await within(run, turn, () => other())
      })
    const live = await endingOf(ledger, { id: 'live' }, (run) => turns(run, 9))
    await interrupted(ledger, 'turn-1', (run) => turns(run, 3))
    const resumed = await endingOf(ledger, ID, (run) => turns(run, 9))
    expect([live, resumed]).toMatchObject([{ callCount: 6 }, { callCount: 6 }])
  })

  test('is watched there for itself', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    const times: number[] = []
    await endingOf(ledger, ID, async (run) => {
      times.push(await again(4, () => search()))
      await run.value('v', async () => times.push(await again(9, () => search())))
    })
    expect(times).toEqual([4, 5])
  })
})

describe('the next attempt', () => {
  const strict = tool({ name: 'strict', inputSchema: z.object({ n: z.number() }), execute: ({ n }) => n })
  const keyed = tool({ name: 'keyed', keys: ['id'], execute: (_: { id?: string }) => 1 })

  test.each([
    ['calls that the program makes by itself', (run: Run) => run.checkLoop('search', { query: 'x' })],
    ['arguments that do not fit', () => strict({ n: 'x' as never })],
    ['arguments that make no key', () => keyed({})],
  ])('gets beyond a loop of %s, which are on no record', async (_, call) => {
    const ledger = temporaryLedger()
    const agent = async (run: Run) => {
      for (let turn = 0; turn < 20; turn++) {
        const { attempt } = await say(run, turn)
        if (attempt > 1) return 'beyond'
        const error = await Promise.resolve(call(run)).catch((thrown: unknown) => thrown)
        if (LoopDetectedError.isInstance(error)) throw error
      }
      return 'never stopped'
    }
    expect(await endingOf(ledger, { ...ID, onError: 'keep' }, agent)).toBeInstanceOf(LoopDetectedError)
    expect(await endingOf(ledger, { ...ID, retry: true }, agent)).toBe('beyond')
  })

  test('is stopped in a loop of those all the same, though something on record is never asked for again', async () => {
    const ledger = temporaryLedger()
    const agent = async (run: Run) => {
      if (run.attempt === 1) await say(run, 'only once')
      return again(200, () => run.checkLoop('search'))
    }
    const options = { ...ID, onError: 'keep' } as const
    expect(await endingOf(ledger, options, agent)).toBeInstanceOf(LoopDetectedError)
    expect(await endingOf(ledger, { ...options, retry: true }, agent)).toBeInstanceOf(LoopDetectedError)
  })

  test('remembers over its own crashes what it did, and is advised and told of that once', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    const told: number[] = []
    ledger.on('loop-advised', ({ count }) => told.push(count))
    const ofThis = (times: number) => async () => {
      while (search.done.length < times) await search()
    }
    expect(await endingOf(ledger, { ...ID, onError: 'keep' }, () => again(20, () => search()))).toBeDefined()
    const stop = new AbortController()
    const options = { ...ID, onError: 'keep', signal: stop.signal } as const
    await endingOf(ledger, { ...options, retry: true }, async () => {
      await ofThis(9)()
      stop.abort(new Error('interrupted'))
      throw new Error('interrupted')
    })
    expect(search.done).toHaveLength(9)
    const advice: boolean[] = []
    const error = await endingOf(ledger, { ...ID, onError: 'keep' }, async (run) => {
      for (let time = 0; time < 20; time++) {
        await search()
        advice.push(run.loops.takeAdvice() !== undefined)
      }
    })
    expect(error).toMatchObject({ callCount: 6 })
    expect(search.done).toHaveLength(10)
    expect(advice.flatMap((was, index) => (was ? [index + 1] : []))).toEqual([5, 10])
    expect(told).toEqual([5, 5])
  })
})
