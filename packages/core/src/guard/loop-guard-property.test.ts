import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GuardedAgent } from './testing/guarded-agent.ts'

const RUNS = { seed: 20_261_121, numRuns: 2_000 }

interface Step {
  readonly tool: string
  readonly lane: number
  readonly result: string
  readonly passMs: number
}

const step: fc.Arbitrary<Step> = fc.record({
  tool: fc.constantFrom('a', 'b', 'c'),
  // Mostly the first, and mostly the same result: else nothing would ever be a loop.
  lane: fc.constantFrom(0, 0, 0, 1),
  result: fc.constantFrom('x', 'x', 'x', 'x', 'y'),
  passMs: fc.constantFrom(0, 0, 400),
})

/** A pattern that comes round, disturbed here and there: where the edges are. */
const steps = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 5 }), fc.nat({ max: 12 }), fc.array(step, { maxLength: 4 }))
  .chain(([pattern, rounds, odd]) =>
    fc
      .shuffledSubarray(odd)
      .map((end) => [...Array.from({ length: rounds }, () => pattern).flat(), ...end, ...pattern]),
  )

const options = fc.record({
  repeats: fc.integer({ min: 1, max: 4 }),
  cycle: fc.integer({ min: 1, max: 4 }),
  windowMs: fc.constantFrom(undefined, 1_000),
  sameResult: fc.constantFrom(undefined, 2, 5),
})
type Options = typeof options extends fc.Arbitrary<infer T> ? T : never

interface Done extends Step {
  readonly at: number
}

/** What should stop this call, told from the whole past in the plainest words. */
function naive(past: readonly Done[], next: Step, now: number, { repeats, cycle, windowMs, sameResult }: Options) {
  const lane = past.filter((call) => call.lane === next.lane)
  for (let period = 1; period <= cycle; period++) {
    const rounds = period === 1 ? repeats : Math.max(2, repeats)
    const words = lane.slice(-period * rounds).map(({ tool, result }) => `${tool}:${result}`)
    const first = words.slice(0, period)
    const isCycle = words.length === period * rounds && words.every((word, index) => word === first[index % period])
    if (isCycle && first[0]?.startsWith(`${next.tool}:`)) return period === 1 ? 'repeats' : 'cycle'
  }
  const same = past.filter(({ tool }) => tool === next.tool)
  const equal = (calls: readonly Done[], many: number) =>
    calls.length >= many && new Set(calls.slice(-many).map(({ result }) => result)).size === 1
  const recent = windowMs === undefined ? [] : same.filter(({ at }) => at >= now - windowMs)
  if (windowMs !== undefined && equal(recent, repeats)) return 'window'
  return sameResult !== undefined && equal(same, sameResult) ? 'stagnation' : undefined
}

describe('whatever an agent does', () => {
  test('it is stopped exactly where a plain reading of its past says', () => {
    const seen = new Set<string | undefined>()
    fc.assert(
      fc.property(options, steps, (given, todo) => {
        const { repeats, cycle } = given
        const agent = new GuardedAgent({ repeats, cycle, ...present(given) })
        const lanes = [agent.lane, {}] as const
        const past: Done[] = []
        for (const next of todo) {
          agent.clock.jumpWallClock(next.passMs)
          const expected = naive(past, next, agent.clock.now(), given)
          const stopped = agent.call(next.tool, '{}', next.result, lanes[next.lane])
          expect(stopped?.detector).toBe(expected)
          seen.add(expected)
          if (stopped === undefined) past.push({ ...next, at: agent.clock.now() })
        }
      }),
      RUNS,
    )
    expect([...seen].sort()).toEqual(['cycle', 'repeats', 'stagnation', 'window', undefined])
  })

  test('it is told before it is stopped, whatever is seen in one lane', () => {
    fc.assert(
      fc.property(options, steps, (given, todo) => {
        const { repeats, cycle } = given
        const agent = new GuardedAgent({ repeats, cycle })
        for (const { tool, result } of todo) {
          const advised = agent.guard.takeAdvice(agent.lane)
          const loop = agent.call(tool, '{}', result)
          if (loop !== undefined) expect(advised).toContain('Going on like that stops the run.')
          if (loop !== undefined) break
        }
      }),
      RUNS,
    )
  })

  test('it may poll for ever what changes', () => {
    const between = fc.array(fc.constantFrom('read', 'note'), { maxLength: 3 })
    fc.assert(
      fc.property(fc.array(between, { minLength: 20, maxLength: 60 }), (turns) => {
        const agent = new GuardedAgent({ windowMs: 60_000, sameResult: 2, repeats: 2 })
        for (const [turn, tools] of turns.entries()) {
          expect(agent.call('poll', '{}', `${turn}`)).toBeUndefined()
          for (const [place, tool] of tools.entries())
            expect(agent.call(tool, `{"n":${turn}}`, `${turn}.${place}`)).toBeUndefined()
        }
      }),
      { ...RUNS, numRuns: 300 },
    )
  })

  test('what is remembered of it stays small', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 4 }), (repeats, cycle) => {
        const agent = new GuardedAgent({ repeats, cycle })
        for (let n = 0; n < 1_000; n++) agent.call(`tool-${n}`, `{"text":"${'x'.repeat(n)}"}`, 'y'.repeat(n))
        const counts = agent.guard.counts()
        expect(counts.length).toBe(Math.max(64, repeats))
        expect(counts.every(({ signature }) => signature.length < 300)).toBe(true)
      }),
      { ...RUNS, numRuns: 20 },
    )
  })
})

function present({ windowMs, sameResult }: Options) {
  return { ...(windowMs === undefined ? {} : { windowMs }), ...(sameResult === undefined ? {} : { sameResult }) }
}
