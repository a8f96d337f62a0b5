import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ApprovalDeniedError } from '../errors/approval-denied-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { gate } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { systemClock } from '../util/clock.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'
import { again } from './testing/again.ts'
import { endingOf } from './testing/ending-of.ts'
import { giving } from './testing/giving-tool.ts'

const ID = { id: 'turn-1' }

describe('the same call with the same answer', () => {
  test.each([
    ['a read', { effect: 'read' } as const, 5],
    ['a write, which happens once', {}, 1],
    ['a write that may be repeated', { repeatable: true }, 5],
  ])('is stopped at the sixth before its body runs: %s', async (_, policy, executions) => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], policy)
    let times: number | undefined
    const error = await endingOf(ledger, ID, async () => {
      times = await again(20, () => search({ query: 'x' }))
    })
    expect(times).toBe(5)
    expect(search.done).toHaveLength(executions)
    expect(error).toMatchObject({ code: 'loop-detected', tool: 'search', callCount: 6, runId: 'turn-1' })
    expect((error as LoopDetectedError).signature).toBe('search|{"query":"x"}')
  })

  test('stops the run for good, though the agent swallows it', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    const other = giving('other', ['x'])
    const told: unknown[] = []
    const ended = endingOf(ledger, ID, async (run) => {
      await again(6, () => search())
      for (const call of [
        () => other(),
        () => run.call({ provider: 'p', model: 'm', request: {} }, async () => 'said'),
      ])
        told.push(await call().catch((error: unknown) => error))
      return 'all is well'
    })
    const error = await ended
    expect(error).toBeInstanceOf(LoopDetectedError)
    expect(told).toEqual([error, error])
    expect(other.done).toEqual([])
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'failed', error: { code: 'loop-detected' } })
  })

  test('is a loop also when it fails in the same way, is denied, or does not fit its schema', async () => {
    const ledger = temporaryLedger()
    const declined = tool({
      name: 'charge',
      execute: (_: { cents: number }, { attempt, generation }): string => {
        throw new NotAppliedError(`declined, request 123e4567-e89b-12d3-a456-42661417400${generation % 10} ${attempt}`)
      },
    })
    const strict = tool({ name: 'strict', inputSchema: z.object({ n: z.number() }), execute: ({ n }) => n })
    const times: number[] = []
    await endingOf(ledger, { id: 'a' }, async () => times.push(await again(20, () => declined({ cents: 5 }))))
    await endingOf(ledger, { id: 'b' }, async () => times.push(await again(20, () => strict({ n: 'x' as never }))))
    expect(times).toEqual([5, 5])

    const risky = tool({ name: 'risky', approval: { block: true }, execute: () => 'done' })
    const denied = ledger.on('approval-requested', ({ key }) => void ledger.approvals.deny(key, { by: 'ann' }))
    const errors: unknown[] = []
    const error = await endingOf(ledger, { id: 'c' }, () =>
      again(20, () =>
        risky().catch((thrown: unknown) => {
          errors.push(thrown)
          throw thrown
        }),
      ),
    )
    denied()
    expect(error).toBeInstanceOf(LoopDetectedError)
    expect(errors.filter((thrown) => ApprovalDeniedError.isInstance(thrown))).toHaveLength(5)
  })

  test('is no loop as long as the answer changes', async () => {
    const ledger = temporaryLedger()
    const poll = giving(
      'poll',
      Array.from({ length: 50 }, (_, n) => ({ state: 'running', percent: 2 * n })),
      {
        effect: 'read',
      },
    )
    expect(await ledger.run(ID, () => again(50, () => poll({ job: 7 })))).toBe(50)
  })

  test('is one call when fifty ask at once, and when a tool tries several times', async () => {
    const ledger = temporaryLedger({ wait: { initialMs: 1, maxMs: 1 } })
    const search = giving('search', ['nothing'], { effect: 'read' })
    const charge = giving('charge', ['charged'])
    let tries = 0
    const flaky = tool({
      name: 'flaky',
      repeatable: true,
      retry: { attempts: 10, backoff: { initialMs: 0 } },
      execute: (): string => {
        if (++tries % 10 !== 0) throw new Error('not yet')
        return 'done'
      },
    })
    const counts = await ledger.run(ID, async (run) => {
      for (const call of [search, charge])
        for (let turn = 0; turn < 2; turn++) await Promise.all(Array.from({ length: 50 }, () => call()))
      await flaky()
      await flaky()
      return run.loops.counts().map(({ tool: name, count }) => [name, count])
    })
    expect(tries).toBe(20)
    expect(Object.fromEntries(counts)).toEqual({ flaky: 2, charge: 2, search: 2 })
  })

  test('is another one in the body of a tool, and in a child run', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    const research = tool({ name: 'research', effect: 'read', execute: (_: { n: number }) => again(4, () => search()) })
    const times = await ledger.run(ID, async () => [
      await again(4, () => search()),
      await research({ n: 1 }),
      await research({ n: 2 }),
      await ledger.run({ name: 'child' }, () => again(4, () => search())),
    ])
    expect(times).toEqual([4, 4, 4, 4])
  })

  test('counts where the effect is claimed by hand', async () => {
    const ledger = temporaryLedger()
    const send = giving('send', ['sent'])
    const error = await endingOf(ledger, ID, async (run) => {
      const claim = await run.begin(send, { to: 'ann' })
      if (claim.kind === 'claimed') await claim.commit('sent')
      for (let time = 0; time < 4; time++) expect((await run.begin(send, { to: 'ann' })).kind).toBe('settled')
      await run.begin(send, { to: 'ann' })
    })
    expect(error).toMatchObject({ code: 'loop-detected', callCount: 6 })
  })
})

describe('other loops', () => {
  test('A-B-A-B is stopped when its sixth round begins', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['a.html'], { effect: 'read' })
    const read = giving('read', ['empty'], { effect: 'read' })
    const error = await endingOf(ledger, ID, () => again(20, (time) => (time % 2 === 0 ? search() : read('a.html'))))
    expect(error).toMatchObject({ detector: 'cycle', pattern: 'search → read', callCount: 6 })
    expect([search.done.length, read.done.length]).toEqual([5, 5])
  })

  test('a window counts whatever is called in between', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, limits: { loop: { windowMs: 60_000, repeats: 3 } } })
    const search = giving('search', ['nothing'], { effect: 'read' })
    const note = giving('note', ['noted'])
    const error = await endingOf(ledger, ID, async () => {
      for (let time = 0; time < 10; time++) {
        await search()
        await note({ time })
        await clock.advance(10_000)
      }
    })
    expect(error).toMatchObject({ detector: 'window', windowMs: 60_000, callCount: 4 })
    expect(note.done).toHaveLength(3)
  })

  test('one result for whatever is asked is a loop if it is called one', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', [[]], { effect: 'read' })
    const agent = () => again(20, (page) => search({ page }))
    expect(await ledger.run({ id: 'a' }, agent)).toBe(20)
    const error = await endingOf(ledger, { id: 'b', limits: { loop: { sameResult: 7 } } }, agent)
    expect(error).toMatchObject({ detector: 'stagnation', callCount: 8 })
  })
})

describe('settings', () => {
  test('exempt tools, ignored arguments, and no guard at all', async () => {
    const ledger = temporaryLedger({ limits: { loop: { exempt: ['wait'], ignore: ['at'] } } })
    const wait = giving('wait', ['waited'], { effect: 'read' })
    const poll = giving('poll', ['pending'], { effect: 'read' })
    expect(await ledger.run({ id: 'a' }, () => again(20, () => wait()))).toBe(20)
    const volatile = (run: Run) => again(20, (at) => run.perform(poll, { at, job: 7 }))
    expect(await endingOf(ledger, { id: 'b' }, volatile)).toMatchObject({ signature: 'poll|{"job":7}' })
    expect(await ledger.run({ id: 'c', limits: { loop: false } }, volatile)).toBe(20)
  })

  test('orders that differ in their ids are no loop, though what they come to is the same', async () => {
    const ledger = temporaryLedger()
    const pay = tool({ name: 'pay', execute: (_: { id: string; due: string }) => ({ paid: true }) })
    const orders = Array.from({ length: 20 }, (_, n) => ({ id: crypto.randomUUID(), due: `2026-11-${10 + n}` }))
    expect(await ledger.run(ID, () => again(20, (n) => pay(orders[n] as (typeof orders)[0])))).toBe(20)
  })
})

test('a completed run that is gone through again is stopped by nothing', async () => {
  const ledger = temporaryLedger()
  const search = giving('search', ['nothing'], { effect: 'read' })
  class Answer {}
  const agent = async (run: Run) => {
    for (let time = 0; time < 9; time++) await search()
    for (let time = 0; time < 9; time++) await run.checkLoop('search')
    return new Answer()
  }
  expect(await ledger.run({ ...ID, limits: { loop: false } }, agent)).toBeInstanceOf(Answer)
  expect(await ledger.run(ID, agent)).toBeInstanceOf(Answer)
  expect(search.done).toHaveLength(9)
})

test('a loop is a mistake of options if it cannot be one', () => {
  const open = (loop: unknown) => () => temporaryLedger({ limits: { loop: loop as never } })
  expect(open({ repeats: 0 })).toThrow(ConfigError)
  expect(open({ repeats: 101 })).toThrow('loop.repeats is 101; it must be an integer from 1 to 100')
})

test('those who join a body in flight count as the one call that it is', async () => {
  const ledger = temporaryLedger()
  const body = gate<string>()
  const slow = tool({ name: 'slow', execute: body.pass })
  let times: number | undefined
  const error = await endingOf(ledger, ID, async (run) => {
    const first = slow()
    await body.started
    const others = Array.from({ length: 9 }, () => slow())
    body.open('done')
    await Promise.all([first, ...others])
    expect(run.loops.counts()).toMatchObject([{ count: 1 }])
    times = await again(9, () => slow())
  })
  expect(times).toBe(4)
  expect(error).toBeInstanceOf(LoopDetectedError)
})

test.each([
  ['of this process', false],
  ['of another one', true],
])('nor do they count for a run that joins the effect of another run, %s', async (_, elsewhere) => {
  const folder = temporaryFolder()
  const { promise: waits, resolve } = Promise.withResolvers<void>()
  const sleep = (ms: number, signal?: AbortSignal) => {
    resolve()
    return systemClock.sleep(ms, signal)
  }
  const joining = temporaryLedger({ clock: { ...systemClock, sleep }, wait: { initialMs: 1, maxMs: 1 } }, folder)
  // With a clock of its own it is an owner of its own, as another process is.
  const first = elsewhere ? temporaryLedger({}, folder) : joining
  const body = gate<string>()
  const slow = tool({ name: 'slow', once: 'ledger', key: () => 'one', execute: body.pass })
  const done = first.run({ id: 'first' }, () => slow())
  await body.started
  const counts: unknown[] = []
  const agent = async (run: Run) => {
    await run.perform(slow, undefined, { wait: { timeoutMs: 20_000 } })
    counts.push(run.loops.counts())
  }
  const joined = interrupted(joining, 'second', agent)
  await waits
  body.open('done')
  await Promise.all([done, joined])
  await interrupted(joining, 'second', agent)
  expect(counts).toEqual([[], []])
})
