import { calcPrice } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  INPUT_UNITS,
  inputTokensOf,
  OUTPUT_UNITS,
  outputTokensOf,
  type TokenUsage,
  USAGE_UNITS,
} from '../usage/token-usage.ts'
import type { PriceEntry } from './price-entry.ts'
import { affordableOutput, holdOf, ResolvedPrice } from './resolved-price.ts'
import { allEntries, bookWith, NOON } from './testing/prices.ts'

const HOUR_MS = 3_600_000
/** Enough for every edge of a day and every change of prices that the data knows. */
const SPAN_MS = 3 * 365 * 24 * HOUR_MS
const TIERS = ['standard', 'flex', 'batch', 'priority', 'fast', 'ultrafast', 'scale', 'of tomorrow']
const SEED = 20_261_121

const entries = allEntries(await bookWith())
const tokens = fc.oneof(
  fc.nat(300),
  fc.nat(5_000),
  fc.nat(400_000),
  fc.constantFrom(199_999, 200_000, 271_999, 272_000),
)
const times = fc.integer({ min: NOON - SPAN_MS, max: NOON + HOUR_MS * 24 * 60 })
const counts = fc.record({
  requests: fc.constant(1),
  webSearches: fc.nat(9),
  fileSearches: fc.nat(9),
  audioSeconds: fc.nat(999),
})
const usages: fc.Arbitrary<TokenUsage> = fc
  .tuple(
    fc.record(unitsOf(INPUT_UNITS), { requiredKeys: [] }),
    fc.record(unitsOf(OUTPUT_UNITS), { requiredKeys: [] }),
    counts,
  )
  .map((parts) => Object.assign({}, ...parts))

function unitsOf(units: readonly string[]): Record<string, fc.Arbitrary<number>> {
  return Object.fromEntries(units.map((unit) => [unit, tokens]))
}

function priceOf(entry: PriceEntry, at: number): ResolvedPrice {
  return new ResolvedPrice({ entry, provider: entry.provider, at, version: 'v' })
}

/** Read back from the text, so that nothing of the code's own arithmetic is believed. */
function amountOf(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(15, '0'))
}

interface Runs {
  readonly seed: number
  readonly numRuns: number
}

/** Every price meets other numbers, the same ones each time. */
function forAll(name: string, check: (entry: PriceEntry, runs: Runs) => void, numRuns = 6): void {
  test(name, () => {
    for (const [index, entry] of entries.entries()) check(entry, { seed: SEED + index, numRuns })
  }, 120_000)
}

test('there are prices of many models, free ones among them', () => {
  expect(entries.length).toBeGreaterThan(1_500)
  expect(entries.filter((entry) => priceOf(entry, NOON).isFree).length).toBeGreaterThan(50)
})

describe('for every price and any usage', () => {
  forAll('the parts add up to the whole, which is rounded up once', (entry, runs) => {
    fc.assert(
      fc.property(usages, times, fc.constantFrom(...TIERS), (usage, at, serviceTier) => {
        const cost = priceOf(entry, at).cost(usage, { serviceTier })
        if (cost === undefined) return
        const parts = cost.parts.map(({ exact }) => amountOf(exact))
        const whole = amountOf(cost.exact)
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(whole)
        const nano = BigInt(cost.nano) * 1_000_000n
        expect(nano >= whole && nano - whole < 1_000_000n).toBe(true)
        for (const { quantity, perMillion, exact } of cost.parts)
          expect(amountOf(exact) * 1_000_000n).toBe(BigInt(quantity) * amountOf(perMillion))
      }),
      runs,
    )
  })

  forAll('no unit is left out: each is on the bill or named as unpriced', (entry, runs) => {
    fc.assert(
      fc.property(usages, (usage) => {
        const cost = priceOf(entry, NOON).cost(usage)
        const told = USAGE_UNITS.filter((unit) => unit !== 'requests' && (usage[unit] ?? 0) > 0)
        const billed = new Set([...(cost?.parts.map(({ unit }) => unit) ?? []), ...(cost?.unpriced ?? told)])
        expect(told.filter((unit) => !billed.has(unit))).toEqual([])
      }),
      runs,
    )
  })

  forAll('more is never cheaper', (entry, runs) => {
    fc.assert(
      fc.property(usages, fc.constantFrom(...USAGE_UNITS), fc.nat(5_000), times, (usage, unit, more, at) => {
        const price = priceOf(entry, at)
        const less = price.cost(usage)
        const greater = price.cost({ ...usage, [unit]: (usage[unit] ?? 0) + more })
        if (less === undefined || greater === undefined) return
        expect(greater.nano).toBeGreaterThanOrEqual(less.nano)
      }),
      runs,
    )
  })

  forAll(
    'what is held is never less than what it costs, whenever it starts and however it is served',
    (entry, runs) => {
      const slack = fc.tuple(fc.nat(3_000), fc.nat(3_000))
      fc.assert(
        fc.property(
          usages,
          slack,
          times,
          fc.nat(30 * HOUR_MS),
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.constantFrom(...TIERS),
          fc.boolean(),
          (usage, [moreInput, moreOutput], at, span, start, serviceTier, isServed) => {
            const bound = priceOf(entry, at).atMost({
              inputTokens: inputTokensOf(usage) + moreInput,
              until: at + span,
              serviceTier,
              counts: usage,
            })
            const served = serviceTier === 'batch' || isServed ? serviceTier : 'default'
            const cost = priceOf(entry, at + Math.floor(span * start)).cost(usage, {
              serviceTier: served,
              region: 'us',
            })
            const hold = holdOf(bound, outputTokensOf(usage) + moreOutput)
            expect(BigInt(cost?.nano ?? 0)).toBeLessThanOrEqual(hold)
          },
        ),
        runs,
      )
    },
  )

  forAll('a hold without media, cache or time to spare covers such calls', (entry, runs) => {
    const text = fc.record({ input: tokens, cacheRead: tokens, output: tokens, reasoning: tokens })
    fc.assert(
      fc.property(text, times, (usage, at) => {
        const bound = priceOf(entry, at).atMost({ inputTokens: inputTokensOf(usage), media: [], cacheControl: 'none' })
        const cost = priceOf(entry, at).cost(usage)
        expect(BigInt(cost?.nano ?? 0)).toBeLessThanOrEqual(holdOf(bound, outputTokensOf(usage)))
      }),
      runs,
    )
  })

  forAll(
    'the output that money affords is held for no more than that money, and one token more is not',
    (entry, runs) => {
      fc.assert(
        fc.property(fc.nat(10_000), fc.nat(5_000_000_000), (inputTokens, money) => {
          const bound = priceOf(entry, NOON).atMost({ inputTokens })
          const output = affordableOutput(bound, money as never)
          if (output !== undefined) expect(holdOf(bound, output)).toBeLessThanOrEqual(BigInt(money))
          if (bound.outputRate === 0) return
          expect(holdOf(bound, output === undefined ? 0 : output + 1)).toBeGreaterThan(BigInt(money))
        }),
        runs,
      )
    },
  )
})

describe('beside the arithmetic of the data itself', () => {
  forAll('text, cache and output cost the same, but for the noise of floating point', (entry, runs) => {
    fc.assert(
      fc.property(tokens, tokens, tokens, times, (input, cacheRead, output, at) => {
        const theirs = calcPrice(
          { input_tokens: input + cacheRead, cache_read_tokens: cacheRead, output_tokens: output },
          entry.model,
          { providerId: entry.provider, timestamp: new Date(at) },
        )
        // Some names of the data are found under another entry first.
        if (theirs === null || theirs.model.id !== entry.model || theirs.provider.id !== entry.provider) return
        const cost = priceOf(entry, at).cost({ input, cacheRead, output })
        if (cost === undefined || cost.assumed.length > 0) return
        expect(Number(cost.exact)).toBeCloseTo(theirs.total_price, 9)
      }),
      runs,
    )
  })

  test('nearly every price was compared', () => {
    const found = entries.filter(({ provider, model }) => {
      const theirs = calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { providerId: provider })
      return theirs?.model.id === model && theirs.provider.id === provider
    })
    expect(found.length).toBeGreaterThan(entries.length * 0.9)
  })
})
