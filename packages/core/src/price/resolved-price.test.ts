import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { assumePrice } from './resolve-price.ts'
import { bookWith, dollars, given, NOON, priceFor } from './testing/prices.ts'

const book = await bookWith()

describe('what was not told', () => {
  test('costs nobody knows what, and never nothing', () => {
    const price = priceFor(book, 'openai', 'gpt-5')
    expect(price.cost({})).toBeUndefined()
    expect(price.cost({ requests: 1 })).toBeUndefined()
    expect(price.cost({ otherToolCalls: 3 })).toBeUndefined()
    expect(price.cost({ input: 0, output: 0 })?.nano).toBe(0)
    // Its fee for the request alone would look like a cost.
    expect(priceFor(book, 'perplexity', 'sonar-pro').cost({})).toBeUndefined()
  })

  test('costs the fee for the request where that is all that the price is for', () => {
    const price = given({ requests: '0.01' })
    expect(price.cost({ input: 1_000, output: 1_000 })).toMatchObject({
      ...{ exact: '0.01', unpriced: ['input', 'output'] },
    })
    expect(price.cost({ requests: 3 })?.exact).toBe('0.03')
    expect(given({ requests: 0 }).cost({ input: 1_000 })).toBeUndefined()
    expect(given({ requests: '0.01', input: 1 }).cost({ audioSeconds: 60 })).toBeUndefined()
  })

  test('is not made up from tokens where seconds are billed', () => {
    const whisper = priceFor(book, 'openai', 'whisper-1')
    expect(whisper.cost({ input: 500, output: 20 })).toBeUndefined()
    expect(whisper.cost({ audioSeconds: 10, input: 500 })).toMatchObject({ exact: '0.001', unpriced: ['input'] })
  })
})

describe('a unit that the price does not have', () => {
  test('costs what the next wider one does', () => {
    const price = given({ input: 3, output: 15 })
    const million = 1_000_000
    for (const unit of [
      'cacheRead',
      'cacheWrite5m',
      'cacheWrite1h',
      'inputAudio',
      'cacheReadAudio',
      'inputVideo',
    ] as const)
      expect(price.cost({ [unit]: million })).toMatchObject({ exact: '3', assumed: [] })
    for (const unit of ['reasoning', 'citation', 'outputAudio', 'outputImage', 'outputVideo'] as const)
      expect(price.cost({ [unit]: million })).toMatchObject({ exact: '15', assumed: [] })
  })

  test('of cached media is taken for media, where these have a price', () => {
    expect(dollars(given({ input: 3, inputAudio: 30, cacheRead: 0.3 }), { cacheReadAudio: 1_000_000 })).toBe('30')
    expect(dollars(given({ input: 3, cacheRead: 0.3 }), { cacheReadAudio: 1_000_000 })).toBe('0.3')
  })

  test('is charged as the dearest token where there is none wider, and the bill says so', () => {
    expect(given({ input: 3, cacheWrite1h: 6 }).cost({ input: 1_000_000, output: 1_000_000 })).toMatchObject({
      exact: '9',
      assumed: ['output'],
    })
  })

  test('is charged as the dearest of its kind where it is a tool, or named as having no price', () => {
    const price = given({ input: 3, output: 15 })
    expect(price.cost({ input: 0, webSearches: 1_000, fileSearches: 1_000, codeSessions: 10 })).toMatchObject({
      exact: '37.8',
      assumed: ['webSearches', 'fileSearches', 'codeSessions'],
    })
    expect(price.cost({ input: 1_000_000, otherToolCalls: 2 })).toMatchObject({
      exact: '3',
      assumed: [],
      unpriced: ['otherToolCalls'],
    })
  })

  test('is not assumed where there was nothing of it', () => {
    expect(given({ input: 3 }).cost({ input: 5, output: 0 })?.assumed).toEqual([])
  })
})

describe('Claude writes to its cache', () => {
  test('for 1.25 times the input, and for an hour twice, where a table does not say', () => {
    const listed = priceFor(book, 'google', 'claude-opus-5')
    expect(dollars(listed, { cacheWrite1h: 1_000_000 })).toBe('10')
    const written = given({ input: 4, output: 20 }, 'claude-next')
    expect([dollars(written, { cacheWrite5m: 1_000_000 }), dollars(written, { cacheWrite1h: 1_000_000 })]).toEqual([
      '5',
      '8',
    ])
    expect(dollars(given({ input: 4, cacheWrite5m: 1, output: 20 }, 'claude-next'), { cacheWrite5m: 1_000_000 })).toBe(
      '1',
    )
  })

  test('for the prices of a tier in that tier', () => {
    const price = given(
      {
        input: 1,
        output: 5,
        tiers: [{ above: 100_000, input: 2, output: 10 }],
        serviceTiers: { fast: { input: 6, output: 30 } },
      },
      'claude-next',
    )
    expect(dollars(price, { cacheWrite1h: 1_000_000 })).toBe('4')
    expect(dollars(price, { cacheWrite1h: 100_000 }, 'fast')).toBe('1.2')
  })
})

describe('a usage that is none', () => {
  test.each([[{ input: -1 }], [{ input: 0.5 }], [{ inputTokens: 5 }], [null]])('is refused: %j', (usage) => {
    expect(() => priceFor(book, 'openai', 'gpt-5').cost(usage as never)).toThrow(ConfigError)
  })

  test('is told from one that is beyond all measure, which costs the most that can be counted', () => {
    const cost = priceFor(book, 'openai', 'o1-pro').cost({ output: Number.MAX_SAFE_INTEGER })
    expect(cost).toMatchObject({ nano: Number.MAX_SAFE_INTEGER, exact: '5404319552844.5946' })
  })
})

describe('a price that is assumed', () => {
  test('is that of the dearest text model of the provider, and says so', () => {
    const price = assumePrice(book, { provider: 'anthropic', model: 'claude-haiku-5-5', at: NOON })
    expect(price).toMatchObject({ provider: 'anthropic', assumed: true, version: book.version })
    expect(price && dollars(price, { input: 1_000_000, output: 1_000_000 })).toBe('90')
  })

  test('is that of the dearest model of all makers, where the provider is unknown', () => {
    const price = assumePrice(book, { provider: 'our-proxy', model: 'x', at: NOON })
    expect(price && dollars(price, { output: 1_000_000 })).toBe('600')
    expect(assumePrice(book, { model: 'x', at: NOON })?.model).toBe('o1-pro')
  })

  test('goes by the prices of that time, of text, and of what is still sold', async () => {
    const own = await bookWith({
      overrides: {
        maker: {
          old: [
            { input: 9, output: 99 },
            { from: '2026-01-01', input: 1, output: 2 },
          ],
          text: { input: 1, output: 3 },
          image: { input: 1, output: 5, outputImage: 90 },
        },
      },
    })
    expect(assumePrice(own, { provider: 'maker', model: 'x', at: NOON })?.model).toBe('text')
    expect(assumePrice(own, { provider: 'maker', model: 'x', at: Date.UTC(2025, 1) })?.model).toBe('old')
    // Its dearest, zai-glm-4.7 at $2.75, is on its way out.
    expect(assumePrice(own, { provider: 'cerebras', model: 'x', at: NOON })?.model).toBe('gemma-4-31b')
  })
})
