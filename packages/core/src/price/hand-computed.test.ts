import { describe, expect, test } from 'vitest'
import { anthropicCases } from './testing/anthropic-cases.ts'
import { googleCases } from './testing/google-cases.ts'
import type { Case } from './testing/hand-computed.ts'
import { openaiCases, openaiMediaCases } from './testing/openai-cases.ts'
import { deepseekCases, otherCases } from './testing/other-cases.ts'
import { bookWith, NOON, priceFor } from './testing/prices.ts'

const book = await bookWith()
const all: readonly Case[] = [
  ...of('openai', [...openaiCases, ...openaiMediaCases]),
  ...of('anthropic', anthropicCases),
  ...of('google', googleCases),
  ...of('deepseek', deepseekCases),
  ...otherCases,
]

function of(provider: string, cases: readonly Case[]): Case[] {
  return cases.map((one) => ({ provider, ...one }))
}

test('there are at least 60 of them, of at least 20 models', () => {
  expect(all.length).toBeGreaterThanOrEqual(60)
  expect(new Set(all.map(({ model }) => model)).size).toBeGreaterThanOrEqual(20)
})

describe('reckoned by hand', () => {
  test.each(all)('$model: $arithmetic', ({ provider, model, arithmetic, usage, tier, region, at }) => {
    const price = priceFor(book, provider, model, at === undefined ? NOON : Date.parse(at))
    const cost = price.cost(usage, {
      ...(tier === undefined ? {} : { serviceTier: tier }),
      ...(region === undefined ? {} : { region }),
    })
    expect(cost).toMatchObject({ exact: arithmetic.split('= $').at(-1), assumed: [], unpriced: [] })
  })
})

test('a part of a nano-dollar is rounded up, once for the whole call', () => {
  const price = priceFor(book, 'google', 'gemini-1.5-flash')
  // $0.01875/M for the cache and $0.075/M for the rest: 18.75 and 75 nano-dollars each.
  expect(price.cost({ cacheRead: 1 })).toMatchObject({ exact: '0.00000001875', nano: 19 })
  expect(price.cost({ cacheRead: 3 })).toMatchObject({ exact: '0.00000005625', nano: 57 })
  expect(price.cost({ cacheRead: 4 })).toMatchObject({ exact: '0.000000075', nano: 75 })
  expect(price.cost({ input: 1, cacheRead: 3 })).toMatchObject({ exact: '0.00000013125', nano: 132 })
})

test('the bill names each unit with its rate', () => {
  const price = priceFor(book, 'anthropic', 'claude-opus-5-5')
  expect(price.cost({ input: 20, cacheWrite1h: 1_000, webSearches: 1 })?.parts).toEqual([
    { unit: 'input', quantity: 20, perMillion: '4', exact: '0.00008' },
    { unit: 'cacheWrite1h', quantity: 1_000, perMillion: '8', exact: '0.008' },
    { unit: 'webSearches', quantity: 1, perMillion: '10000', exact: '0.01' },
  ])
})
