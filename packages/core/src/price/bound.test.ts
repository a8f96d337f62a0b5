import { describe, expect, test } from 'vitest'
import { cacheControlOf } from '../usage/cache-control.ts'
import { holdOf } from './resolved-price.ts'
import { bookWith, given, NOON, priceFor } from './testing/prices.ts'

const book = await bookWith()
const HOUR_MS = 3_600_000
const night = Date.UTC(2026, 10, 21, 0, 30)

describe('the most that a call can cost', () => {
  test('is of the tier that its bound reaches, also where the last token would be needed for that', () => {
    const price = priceFor(book, 'openai', 'gpt-6-sol')
    // $2.50 for writing to the cache, which this model does unasked; above 272,000 $5 and $15.
    expect(price.atMost({ inputTokens: 271_999 })).toMatchObject({
      inputNano: 271_999 * 2_500,
      outputRate: 10_000_000_000,
    })
    expect(price.atMost({ inputTokens: 272_000 })).toMatchObject({
      inputNano: 272_000 * 5_000,
      outputRate: 15_000_000_000,
    })
  })

  test('is by the hour where a request says that it caches for an hour, or does not say', () => {
    const price = priceFor(book, 'anthropic', 'claude-haiku-4-5')
    const inputNano = (cacheControl?: 'none' | '5m' | '1h') =>
      price.atMost({ inputTokens: 1_000, ...(cacheControl === undefined ? {} : { cacheControl }) }).inputNano
    expect([inputNano('none'), inputNano('5m'), inputNano('1h'), inputNano()]).toEqual([
      1_000_000, 1_250_000, 2_000_000, 2_000_000,
    ])
  })

  test('counts the region of a model that has one, unless the request says which', () => {
    const price = priceFor(book, 'anthropic', 'claude-opus-5')
    expect(price.atMost({ inputTokens: 0 }).outputRate).toBe(27_500_000_000)
    expect(price.atMost({ inputTokens: 0, region: 'global' }).outputRate).toBe(25_000_000_000)
    expect(priceFor(book, 'anthropic', 'claude-opus-4-5').atMost({ inputTokens: 0 }).outputRate).toBe(25_000_000_000)
  })

  test('counts media where there may be some', () => {
    const price = priceFor(book, 'google', 'gemini-2.5-flash')
    const inputNano = (media?: readonly 'audio'[]) =>
      price.atMost({ inputTokens: 1_000, ...(media === undefined ? {} : { media }) }).inputNano
    // $0.30 for text, $1 for audio.
    expect([inputNano([]), inputNano(['audio']), inputNano()]).toEqual([300_000, 1_000_000, 1_000_000])
  })

  test('is for the dearest output that a model has', () => {
    const bound = priceFor(book, 'openai', 'gpt-image-1.5').atMost({ inputTokens: 0 })
    expect(bound.outputRate).toBe(32_000_000_000)
  })

  test('counts the fee of a request, and of the tools that were counted', () => {
    const sonar = priceFor(book, 'perplexity', 'sonar-pro')
    expect(sonar.atMost({ inputTokens: 0 }).inputNano).toBe(14_000_000)
    expect(sonar.atMost({ inputTokens: 0, counts: { requests: 3 } }).inputNano).toBe(42_000_000)
    const gpt = priceFor(book, 'openai', 'gpt-4.1')
    expect(gpt.atMost({ inputTokens: 0 }).inputNano).toBe(0)
    expect(gpt.atMost({ inputTokens: 0, counts: { webSearches: 2 } }).inputNano).toBe(20_000_000)
  })

  test('is open where the model bills seconds or pages and nobody said how many', () => {
    const whisper = priceFor(book, 'groq', 'whisper-large-v3')
    expect(whisper.atMost({ inputTokens: 0 })).toMatchObject({ inputNano: 0, unbounded: ['audioSeconds'] })
    // At least ten seconds, at $0.111 an hour: 10 × 30,833.333334.
    expect(whisper.atMost({ inputTokens: 0, counts: { audioSeconds: 3 } })).toMatchObject({
      inputNano: 308_334,
      unbounded: [],
    })
    expect(priceFor(book, 'mistral', 'mistral-ocr-4-1').atMost({ inputTokens: 0 }).unbounded).toEqual([
      'documentPages',
      'annotatedPages',
    ])
  })

  test('is of the dearest hour until the call may start', () => {
    const outputRate = (until?: number) =>
      priceFor(book, 'deepseek', 'deepseek-v4-pro', night).atMost({
        inputTokens: 0,
        ...(until === undefined ? {} : { until }),
      }).outputRate
    expect([outputRate(), outputRate(night + HOUR_MS / 2 - 1), outputRate(night + HOUR_MS / 2)]).toEqual([
      1_980_000_000, 1_980_000_000, 3_960_000_000,
    ])
    expect(outputRate(night + 500 * 24 * HOUR_MS)).toBe(3_960_000_000)
  })

  test('is of the price to come, if the call may start when it has come', () => {
    const newYear = Date.UTC(2027, 0, 1)
    const outputRate = (until: number) =>
      priceFor(book, 'google', 'gemini-3.6-flash', newYear - HOUR_MS).atMost({ inputTokens: 0, until }).outputRate
    expect([outputRate(newYear - 1), outputRate(newYear)]).toEqual([3_750_000_000, 7_500_000_000])
  })

  test('is not that of a price that is over', () => {
    expect(priceFor(book, 'openai', 'o3').atMost({ inputTokens: 0 }).outputRate).toBe(8_000_000_000)
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('needs a number of tokens: %s is none', (inputTokens) => {
    expect(() => priceFor(book, 'openai', 'o3').atMost({ inputTokens })).toThrow(RangeError)
  })
})

describe('a service tier', () => {
  const price = priceFor(book, 'openai', 'gpt-5.5')
  const outputRate = (serviceTier?: string, one = price) =>
    one.atMost({ inputTokens: 0, ...(serviceTier === undefined ? {} : { serviceTier }) }).outputRate / 1e9

  test('that was asked for is held for, and a standard one where it may be served so', () => {
    expect([outputRate(), outputRate('default'), outputRate('flex'), outputRate('batch')]).toEqual([30, 30, 30, 15])
    expect([outputRate('priority'), outputRate('fast'), outputRate('ultrafast')]).toEqual([75, 75, 180])
  })

  test('that nobody knows is taken for the dearest that is known', () => {
    expect(outputRate('warp')).toBe(180)
    expect(price.cost({ output: 1_000_000 }, { serviceTier: 'warp' })?.exact).toBe('180')
  })

  test('of which a provider says nothing is dearer than standard, or no discount', () => {
    const grok = priceFor(book, 'xai', 'grok-4.6')
    expect([outputRate('priority', grok), outputRate('flex', grok), outputRate('batch', grok)]).toEqual([36, 6, 6])
  })

  test('that was paid for in advance has the standard price', () => {
    expect([outputRate('scale'), outputRate('PROVISIONED_THROUGHPUT')]).toEqual([30, 30])
    expect(outputRate('priority', priceFor(book, 'anthropic', 'claude-haiku-4-5'))).toBe(5)
  })

  test('is what the project settings say where a request names none, if somebody says what they say', async () => {
    const fast = await bookWith({ serviceTier: 'priority' })
    const set = priceFor(fast, 'openai', 'gpt-5.5')
    expect([outputRate(undefined, set), outputRate('auto', set), outputRate('default', set)]).toEqual([75, 75, 30])
    expect(set.cost({ output: 1_000_000 })?.exact).toBe('75')
    expect(set.cost({ output: 1_000_000 }, { serviceTier: 'default' })?.exact).toBe('30')
  })

  test('of GPT-5.4 or older costs twice as much on Azure, of later ones two and a half times', () => {
    const azure = (model: string) => outputRate('priority', priceFor(book, 'azure', model))
    expect([azure('gpt-5.4-mini'), azure('gpt-5.6-terra')]).toEqual([9, 30])
  })
})

test('the hold is rounded up for the input and for the output', () => {
  const bound = given({ input: '0.0003', output: '0.0003' }).atMost({ inputTokens: 1 })
  expect([bound.inputNano, bound.outputRate, holdOf(bound, 1), holdOf(bound, 0)]).toEqual([1, 300_000, 2n, 1n])
})

test('a hold beyond what can be counted is the most that can, and its output is still exact', () => {
  const bound = priceFor(book, 'openai', 'o1-pro', NOON).atMost({ inputTokens: Number.MAX_SAFE_INTEGER })
  expect(bound.inputNano).toBe(Number.MAX_SAFE_INTEGER)
  expect(holdOf(bound, Number.MAX_SAFE_INTEGER)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER))
})

test('what a request asks Claude to cache is found in its text', () => {
  const request = (cache: object) =>
    JSON.stringify({ messages: [{ role: 'user', content: [{ type: 'text', ...cache }] }] })
  expect([
    cacheControlOf(request({ text: 'hello' })),
    cacheControlOf(request({ cache_control: { type: 'ephemeral' } })),
    cacheControlOf(request({ cache_control: { type: 'ephemeral', ttl: '1h' } })),
    cacheControlOf(request({ providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } } })),
    cacheControlOf(JSON.stringify({ content: [{ cachePoint: { type: 'default' } }] })),
  ]).toEqual(['none', '5m', '1h', '5m', '5m'])
})
