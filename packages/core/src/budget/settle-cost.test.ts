import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { LedgerContext } from '../config/ledger-context.ts'
import type { ModelPrice } from '../price/model-price.ts'
import { priceSource } from '../price/price-book.ts'
import type { Granted } from '../store/limit-records.ts'
import type { TokenUsage } from '../usage/token-usage.ts'
import type { UsageReading } from '../usage/usage-reading.ts'
import { type Usd, usd } from '../usd.ts'
import { ManualClock } from '../util/manual-clock.ts'
import type { Demand } from './demand.ts'
import { type Quote, quoteFor } from './quote.ts'
import { wholeOf } from './reserve-by-hand.ts'
import { type HoldOfCall, spendingOf } from './settle-cost.ts'

const prices = priceSource('test')
// The same in all tests: loading the data takes its time.
beforeAll(async () => void (await prices.load()))

const context = {
  ...{ clock: new ManualClock(Date.UTC(2026, 10, 20)), prices },
  ...{ unknownPrice: 'refuse', unboundedCalls: 'refuse' },
} as unknown as LedgerContext

const DEMAND: Demand = {
  ...{ provider: 'openai', model: 'gpt-4o-mini', inputTokens: 4_000, leastInputTokens: 2_048, outputCap: 1_000 },
  ...{ answers: 1, canBeLowered: true, isReasoning: false, bound: {}, unboundedBy: [], count: async () => 4_000 },
}

async function heldFor(demand: Partial<Demand> = {}, price?: ModelPrice, granted: Partial<Granted> = {}) {
  const quote: Quote = await quoteFor(context, { ...DEMAND, ...demand }, { price, final: false })
  const held = wholeOf(quote)
  return { ...held, granted: { ...held.granted, ...granted } } satisfies HoldOfCall
}

function reading(usage: TokenUsage, more: Partial<UsageReading> = {}): UsageReading {
  return { usage, complete: true, others: [], ...more }
}

const spent = (held: HoldOfCall, one: UsageReading | undefined, seen?: number) => spendingOf(held, one, seen).cost

describe('what an answered call comes to', () => {
  test('is the price of what was used, exactly, and rounded up once', async () => {
    const held = await heldFor({}, { input: '0.0625', output: 0.6 })
    // 3 in × $0.0625/M + 1 out × $0.60/M = $0.0000001875 + $0.0000006 = $0.0000007875
    expect(spent(held, reading({ input: 3, output: 1 }))).toEqual({
      ...{ kind: 'spent', nano: 788, exactUsd: '0.0000007875', tokens: 4, estimated: false },
      priceVersion: expect.any(String),
    })
  })

  test('is by the model and the tier that answered', async () => {
    const held = await heldFor()
    const usage = { input: 1_000, output: 1_000 }
    // gpt-4o-mini: 1,000 × $0.15/M + 1,000 × $0.60/M; gpt-4o: 1,000 × $2.50/M + 1,000 × $10/M; a batch half of it.
    expect(spent(held, reading(usage))).toMatchObject({ nano: 750_000 })
    expect(spent(held, reading(usage, { model: 'gpt-4o-2024-08-06' }))).toMatchObject({ nano: 12_500_000 })
    expect(spent(held, reading(usage, { serviceTier: 'batch' }))).toMatchObject({ nano: 375_000 })
    // Of one that nobody knows, by the model that was asked.
    expect(spent(held, reading(usage, { model: 'gpt-4o-ultra' }))).toMatchObject({ nano: 750_000 })
  })

  test('is by the tier that was asked for, where the answer does not say it', async () => {
    const held = await heldFor({ bound: { serviceTier: 'batch' } })
    expect(spent(held, reading({ input: 1_000, output: 1_000 }))).toMatchObject({ nano: 375_000 })
  })

  test('is by the price of the caller, whoever answered', async () => {
    const held = await heldFor({}, { input: 1, output: 1 })
    const usage = { input: 1_000, output: 1_000 }
    expect(spent(held, reading(usage, { model: 'gpt-4o' }))).toMatchObject({ nano: 2_000_000 })
  })

  test('has the models in it that took part, each at its own price', async () => {
    const held = await heldFor()
    const other = reading({ input: 1_000 }, { model: 'gpt-4o' })
    expect(spent(held, reading({ input: 1_000, output: 1_000 }, { others: [other] }))).toMatchObject({
      ...{ nano: 750_000 + 2_500_000, exactUsd: '0.00325', tokens: 3_000 },
    })
  })

  test('is never less than what the provider says that it charges, and never less than its list', async () => {
    const held = await heldFor()
    const usage = { input: 1_000, output: 1_000 }
    expect(spent(held, reading(usage, { reported: usd('0.01') }))).toMatchObject({ nano: 10_000_000, exactUsd: '0.01' })
    expect(spent(held, reading(usage, { reported: usd('0.0001') }))).toMatchObject({ nano: 750_000 })
  })

  test('is what the provider says that it charges, where nobody knows its price', async () => {
    const held = await heldFor({ model: 'gpt-4o-ultra' })
    const usage = { input: 1_000, output: 1_000 }
    expect(spent(held, reading(usage, { reported: usd('0.01') }))).toMatchObject({ nano: 10_000_000 })
    expect(spent(held, reading(usage))).toMatchObject({ nano: 0, priceVersion: null, tokens: 2_000 })
    // By the price of whoever answered, where that is known.
    expect(spent(held, reading(usage, { model: 'gpt-4o' }))).toMatchObject({ nano: 12_500_000 })
  })

  test('says that something in it has no price', async () => {
    const held = await heldFor({}, { input: 1, output: 1 })
    const cost = spent(held, reading({ input: 1_000, output: 1_000, otherToolCalls: 2 }))
    expect(cost).toMatchObject({ nano: 2_000_000, exactUsd: null, estimated: true })
  })

  test('of an embedding is whole without output', async () => {
    const held = await heldFor({ outputCap: 0 }, { input: 1 })
    const cost = spent(held, reading({ input: 1_000 }, { complete: false }))
    expect(cost).toMatchObject({ nano: 1_000_000, estimated: false })
  })
})

describe('what was told in units that the price does not have', () => {
  const DURATION = reading({ audioSeconds: 60 })

  test('counts as what was not told', async () => {
    const held = await heldFor({}, { input: 1, output: 1 })
    const cost = { nano: 5_000_000, tokens: 5_000, exactUsd: null, estimated: true, priceVersion: expect.any(String) }
    expect(spent(held, DURATION)).toMatchObject(cost)
    expect(spent(held, DURATION, 500)).toMatchObject({ ...cost, nano: 4_500_000, tokens: 4_500 })
    // Nor does a bill of what costs nothing say that all of it did.
    expect(spent(await heldFor({}, { input: 0, output: 5 }), reading({ input: 9, otherToolCalls: 1 }))).toMatchObject({
      ...{ nano: 5_000_000, estimated: true },
    })
  })

  test('counts beside what other models did', async () => {
    const held = await heldFor({}, { input: 1, output: 1 })
    const other = reading({ input: 1_000 })
    expect(spent(held, { ...DURATION, others: [other] })).toMatchObject({ nano: 5_000_000 + 1_000_000 })
  })

  test('costs the fee for a request, where the price is for that', async () => {
    const held = await heldFor({}, { requests: '0.01' })
    expect(spent(held, reading({ input: 1_000, output: 1_000 }))).toMatchObject({ nano: 10_000_000, tokens: 2_000 })
  })

  test('costs nothing where the price is nothing, or the ledger was told to let it go', async () => {
    expect(spent(await heldFor({}, { input: 0, output: 0 }), DURATION)).toMatchObject({ nano: 0 })
    expect(spent(await heldFor({ model: 'gpt-4o-ultra' }), DURATION)).toMatchObject({ nano: 0 })
  })

  test('is what its provider says that it charges', async () => {
    const held = await heldFor({}, { input: 1, output: 1 })
    expect(spent(held, { ...DURATION, reported: usd('0.001') })).toMatchObject({ nano: 1_000_000, estimated: false })
  })
})

test('a call is never free, unless everything that its price could be for is', async () => {
  const rate = fc.constantFrom(0, 0, 1, '0.000001')
  const priced = ['input', 'cacheRead', 'inputAudio', 'output', 'reasoning', 'requests', 'webSearches'] as const
  const told = [...priced, 'cacheWrite1h', 'outputImage', 'otherToolCalls', 'audioSeconds'] as const
  const some = <Value>(units: readonly string[], value: fc.Arbitrary<Value>) =>
    fc.record(Object.fromEntries(units.map((unit) => [unit, value])), { requiredKeys: [] })
  const prices = some(priced, rate).filter((price) => Object.keys(price).length > 0)
  const usages = some(told, fc.constantFrom(0, 1, 1, 700)).filter((usage) => Object.values(usage).some(Boolean))
  await fc.assert(
    fc.asyncProperty(
      prices as fc.Arbitrary<ModelPrice>,
      fc.option(usages as fc.Arbitrary<TokenUsage>, { nil: undefined }),
      fc.boolean(),
      fc.option(fc.nat(50), { nil: undefined }),
      async (price, usage, complete, seen) => {
        const cost = spent(await heldFor({}, price), usage && reading(usage, { complete }), seen)
        if (cost.kind !== 'spent') throw new Error(cost.kind)
        if (costsSomething(price, usage)) expect(cost.nano).toBeGreaterThan(0)
      },
    ),
    { seed: 4, numRuns: 3_000 },
  )
})

const INPUT = ['input', 'cacheRead', 'inputAudio', 'cacheWrite1h']
const OUTPUT = ['output', 'reasoning', 'outputImage']

/** By rules written anew: what was told has a rate above 0; or some of it has none, and what can have gone in has. */
function costsSomething(price: ModelPrice, usage: TokenUsage | undefined): boolean {
  const rates = new Map(Object.entries(price).map(([unit, dollars]) => [unit, Number(dollars)]))
  const dearest = [...INPUT, ...OUTPUT].flatMap((unit) => rates.get(unit) ?? [])
  const rateOf = (unit: string) => {
    const own = rates.get(unit)
    if (own !== undefined) return own
    // A stand-in: the dearest that is published.
    if (unit === 'webSearches') return 1
    const side = [INPUT, OUTPUT].find((units) => units.includes(unit))
    if (side === undefined || dearest.length === 0) return undefined
    return rates.get(side[0] ?? '') ?? Math.max(...dearest)
  }
  const told = Object.entries(usage ?? {}).flatMap(([unit, count]) => (count > 0 ? [unit] : []))
  const all = usage?.requests === 0 ? told : [...told, 'requests']
  if (all.some((unit) => (rateOf(unit) ?? 0) > 0)) return true
  const isUnknown = usage === undefined || told.some((unit) => rateOf(unit) === undefined)
  return isUnknown && INPUT.some((unit) => (rateOf(unit) ?? 0) > 0)
}

describe('what nobody said', () => {
  test('is never nothing, and never more than was put aside where the output had a cap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          inputTokens: fc.integer({ min: 1, max: 1_000_000 }),
          outputCap: fc.integer({ min: 1, max: 100_000 }),
          isReasoning: fc.boolean(),
        }),
        fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
        async (demand, seen) => {
          const held = await heldFor(demand, { input: 1, output: 5 })
          const cost = spent(held, undefined, seen)
          if (cost.kind !== 'spent') throw new Error(cost.kind)
          expect(cost.nano).toBeGreaterThanOrEqual(demand.inputTokens * 1_000)
          expect(cost.nano).toBeLessThanOrEqual(held.granted.nano)
          expect(cost.estimated).toBe(true)
          if (demand.isReasoning || seen === undefined) expect(cost.nano).toBe(held.granted.nano)
        },
      ),
      { seed: 4, numRuns: 200 },
    )
  })

  test('may be more than was put aside where nothing limited the output', async () => {
    const held = await heldFor({ outputCap: undefined }, { input: 0, output: 1 })
    expect(spent(held, undefined, 50_000)).toMatchObject({ nano: 50_000_000 })
    const limited = await heldFor({ outputCap: undefined }, { input: 0, output: 1 }, { limited: true })
    expect(spent(limited, undefined, 50_000)).toMatchObject({ nano: 16_384_000 })
  })

  test('of a stream that broke off is at least what was seen of its output', async () => {
    const held = await heldFor({}, { input: 1, output: 1 })
    const begun = reading({ input: 10, output: 3 }, { complete: false })
    expect(spent(held, begun, 70)).toMatchObject({ nano: 80_000, tokens: 80, estimated: true })
    expect(spent(held, begun, 1)).toMatchObject({ nano: 13_000, tokens: 13, estimated: true })
    expect(spent(held, begun)).toMatchObject({ nano: 1_010_000 })
  })

  test('on one side is filled on that side alone', async () => {
    const held = await heldFor({}, { input: 1, output: 1 })
    expect(spent(held, reading({ input: 10 }, { complete: false }), 70)).toMatchObject({ nano: 80_000, tokens: 80 })
    const noInput = spent(held, reading({ output: 10 }, { complete: false }))
    expect(noInput).toMatchObject({ nano: 4_010_000, tokens: 4_010, estimated: true })
  })
})

test('a call costs no more than was put aside for it, whatever it uses within its bounds', async () => {
  const unit = fc.integer({ min: 0, max: 3_000 })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-5'),
      fc.record({ input: unit, cacheRead: unit, output: unit, reasoning: unit }),
      async (model, usage) => {
        const inputTokens = usage.input + usage.cacheRead
        const outputCap = usage.output + usage.reasoning
        const held = await heldFor({ model, inputTokens, outputCap: outputCap || 1 })
        const cost = spent(held, reading(usage))
        if (cost.kind === 'spent' && inputTokens + outputCap > 0) {
          expect(cost.nano).toBeLessThanOrEqual(held.granted.nano as Usd)
          expect(cost.nano).toBeGreaterThan(0)
        }
      },
    ),
    { seed: 4, numRuns: 300 },
  )
})
