import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Usd, usd } from '../usd.ts'
import { checkLimits } from './check-limits.ts'
import { limitsOf, limitTerms } from './limit-terms.ts'
import type { Limits, RateLimit, ToolLimits } from './limits.ts'

const count = fc.integer({ min: 1, max: 1_000_000 })
const amount = fc.integer({ min: 10_000, max: 1_000_000_000_000 }).map((nano) => nano as Usd)
const toolRate = fc.record({ effects: count, perMs: count, burst: count }, { requiredKeys: ['effects', 'perMs'] })
const tool: fc.Arbitrary<ToolLimits> = fc.record(
  { effects: count, rate: fc.array(toolRate, { minLength: 1, maxLength: 2 }) },
  { requiredKeys: [] },
)
const window = fc.oneof(
  fc.record({ every: fc.constantFrom('day', 'week', 'month'), timeZone: fc.constantFrom('UTC', 'Europe/Berlin') }),
  fc.record({ rollingMs: fc.integer({ min: 1_000, max: 1_000_000 }) }),
) as fc.Arbitrary<NonNullable<Limits['window']>>
const rates = fc.array(
  fc.oneof(
    ...(['calls', 'effects', 'tokens'] as const).map((of) =>
      fc.record({ [of]: count, perMs: count, burst: count }, { requiredKeys: [of, 'perMs'] }),
    ),
  ) as fc.Arbitrary<RateLimit>,
  { minLength: 1, maxLength: 3 },
)
const limits: fc.Arbitrary<Limits> = fc
  .record(
    {
      ...{ budget: amount, tokens: count, calls: count, effects: count, wallMs: count, rate: rates, window },
      tools: fc.dictionary(fc.constantFrom('pay', 'toString', '__proto__', 'a b'), tool),
      thresholds: fc.uniqueArray(fc.constantFrom(0.2, 0.5, 1, 1.5), { minLength: 1 }).map((parts) => parts.sort()),
    },
    { requiredKeys: ['budget'] },
  )
  .map((one) => one as Limits)

/** What comes back of it: a burst that says nothing new, tools without a limit and no tools are left out. */
function asStored(limits: Limits): Limits {
  const tools = Object.entries(limits.tools ?? {}).filter(([, one]) => Object.keys(one).length > 0)
  const { tools: _, ...rest } = limits
  return tools.length === 0 ? rest : { ...rest, tools: Object.fromEntries(tools) }
}

describe('stored limits', () => {
  test('come back as they were written', () => {
    fc.assert(
      fc.property(limits, (written) => {
        checkLimits('limits', written, 'run')
        const [terms, ...others] = limitTerms(written) ?? []
        expect(others).toEqual([])
        const back = limitsOf(JSON.parse(JSON.stringify(terms)))
        expect(limitTerms(back)).toEqual([terms])
        expect(withoutBursts(back)).toEqual(withoutBursts(asStored(written)))
      }),
      { seed: 4, numRuns: 500 },
    )
  })

  test('have their defaults filled in', () => {
    expect(
      limitTerms({ budget: usd(2), window: { every: 'day' }, rate: { calls: 60, tokens: 900, perMs: 1_000 } }),
    ).toEqual([
      {
        ...{ mode: 'hard', budgetNano: 2_000_000_000, finalReserveNano: 0 },
        ...{ tokens: null, calls: null, effects: null, wallMs: null, tools: [], thresholds: [] },
        window: { every: 'day', timeZone: 'UTC' },
        rates: [
          { of: 'calls', tool: null, count: 60, perMs: 1_000, burst: 60 },
          { of: 'tokens', tool: null, count: 900, perMs: 1_000, burst: 900 },
        ],
      },
    ])
  })

  test('tell in ascending order, each part once, and soft ones when all of it is used', () => {
    expect(limitTerms({ calls: 1, thresholds: [1, 0.5, 1] })?.[0]?.thresholds).toEqual([0.5, 1])
    expect(limitTerms({ calls: 1, mode: 'soft' })?.[0]?.thresholds).toEqual([1])
    expect(limitsOf(limitTerms({ calls: 1, mode: 'soft' })?.[0] as never)).toEqual({ calls: 1, mode: 'soft' })
  })

  test('are nothing where nothing was said, or only of loops; and none where that was said', () => {
    expect(limitTerms(undefined)).toBeNull()
    expect(limitTerms({ loop: false })).toBeNull()
    expect(limitTerms([{ loop: { repeats: 2 } }])).toBeNull()
    expect(limitTerms({})).toEqual([])
    expect(limitTerms([])).toEqual([])
    expect(limitTerms([{ loop: false }, { calls: 1 }])).toHaveLength(1)
  })
})

function withoutBursts(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (name, item) => (name === 'burst' ? undefined : item))
}
