import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import type { PriceOptions } from './model-price.ts'
import { priceSource } from './price-book.ts'
import { resolveGivenPrice, resolvePrice } from './resolve-price.ts'
import { bookWith, dollars, given, NOON, priceFor } from './testing/prices.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-prices-'))
afterAll(() => rmSync(folder, { recursive: true }))
const M = 1_000_000

function file(content: unknown): string {
  const path = join(folder, `${Math.abs(JSON.stringify(content).length)}-${crypto.randomUUID()}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('overrides', () => {
  test('go before the file, and the file before what is bundled', async () => {
    const path = file({ openai: { 'gpt-4o': { input: 7, output: 7 }, 'gpt-4.1': { input: 6, output: 6 } } })
    const book = await bookWith({ overrides: { openai: { 'gpt-4o': { input: '1.5', output: 2 } } }, file: path })
    const input = (model: string) => dollars(priceFor(book, 'openai', model), { input: M })
    expect([input('gpt-4o'), input('gpt-4.1'), input('gpt-5')]).toEqual(['1.5', '6', '1.25'])
    expect(['gpt-4o', 'gpt-4.1', 'gpt-5'].map((model) => priceFor(book, 'openai', model).source)).toEqual([
      'override',
      'file',
      'bundled',
    ])
  })

  test('are found as bundled prices are: by aliases and with dates, and by any name of the provider', async () => {
    const book = await bookWith({
      overrides: { xai: { 'grok-9': { input: 1, output: 2, aliases: ['Grok-Next'] } } },
    })
    for (const model of ['grok-9', 'GROK-9-20261201', 'grok-next', 'grok-9-latest'])
      expect(priceFor(book, 'x-ai', model).source).toBe('override')
    expect(resolvePrice(book, { provider: 'x-ai', model: 'grok-9-mini', at: NOON })).toBeUndefined()
  })

  test('of a vendor count behind a gateway, and on Azure', async () => {
    const book = await bookWith({ overrides: { openai: { 'gpt-4o': { input: 1, output: 2 } } } })
    expect(priceFor(book, 'gateway', 'openai/gpt-4o').source).toBe('override')
    expect(priceFor(book, 'azure', 'gpt-4o-2024-08-06').source).toBe('override')
    expect(priceFor(book, 'openrouter', 'openai/gpt-4o').source).toBe('bundled')
  })

  test('for all models of a provider, or a model of all providers, stand in where nothing of that table is exact', async () => {
    const book = await bookWith({
      overrides: {
        ollama: { '*': { input: 0, output: 0 }, 'big:671b': { input: 1, output: 1 } },
        '*': { 'house-model': { input: 5, output: 5 } },
      },
    })
    expect(priceFor(book, 'ollama', 'llama3.3').isFree).toBe(true)
    expect(priceFor(book, 'ollama', 'big:671b').isFree).toBe(false)
    expect(dollars(priceFor(book, 'anyone', 'house-model'), { input: M })).toBe('5')
    expect(dollars(priceFor(book, undefined, 'house-model'), { input: M })).toBe('5')
    expect(priceFor(book, 'openai', 'gpt-4o').source).toBe('bundled')
  })

  test('change with the date and the hour', async () => {
    const book = await bookWith({
      overrides: {
        maker: {
          m: [
            { input: 1, output: 1 },
            { from: '2026-12-01', input: 2, output: 2 },
            { from: new Date(Date.UTC(2026, 11, 1)), between: ['22:00', '06:00'], input: '0.5', output: 1 },
          ],
        },
      },
    })
    const input = (at: string) => dollars(priceFor(book, 'maker', 'm', Date.parse(at)), { input: M })
    expect([
      input('2026-11-30T23:00:00Z'),
      input('2026-12-01T00:00:00Z'),
      input('2026-12-01T05:59:59.999Z'),
      input('2026-12-01T06:00:00Z'),
      input('2026-12-01T22:00:00Z'),
    ]).toEqual(['1', '0.5', '0.5', '2', '0.5'])
  })

  test('have tiers of context and of service', async () => {
    const price = given({
      input: 1,
      output: 5,
      webSearches: '0.01',
      tiers: [{ above: 100_000, input: 5, output: 25 }],
      serviceTiers: { flex: '0.5', Priority: { input: 3, output: 15 } },
    })
    expect(dollars(price, { input: 100_000 })).toBe('0.1')
    expect(dollars(price, { input: 100_001 })).toBe('0.500005')
    expect(dollars(price, { input: 100_000, webSearches: 1 }, 'flex')).toBe('0.06')
    expect(dollars(price, { input: 100_000 }, 'priority')).toBe('0.3')
    expect(price.atMost({ inputTokens: 100_000 }).outputRate).toBe(25_000_000_000)
    expect(price.atMost({ inputTokens: 99_999, serviceTier: 'priority' }).outputRate).toBe(15_000_000_000)
  })

  test('are for thousands of tokens, or single ones, where they say so', () => {
    expect(dollars(given({ per: 1_000, input: '0.0025', output: '0.01' }), { input: 1_000, output: 500 })).toBe(
      '0.0075',
    )
    expect(dollars(given({ per: 1, input: '0.0000025', output: '0.00001' }), { input: 1_000, output: 500 })).toBe(
      '0.0075',
    )
    expect(dollars(given({ per: 1, input: 2.5e-7 }), { input: 4 })).toBe('0.000001')
    expect(dollars(given({ per: 1_000, input: 1, requests: '0.002' }), { input: 0 })).toBe('0.002')
  })
})

describe('providers and factors', () => {
  test('a name of the caller’s own is that of a provider', async () => {
    const book = await bookWith({ providers: { 'Our-Gateway': 'openai', bills: 'gateway' } })
    expect(priceFor(book, 'our-gateway', 'gpt-4o').provider).toBe('openai')
    expect(priceFor(book, 'bills', 'openai/gpt-4o').provider).toBe('openai')
  })

  test('a factor is on all rates of a provider, and holds count it', async () => {
    const book = await bookWith({ multipliers: { openai: '1.1', anthropic: 0.9 } })
    const gpt = priceFor(book, 'openai', 'gpt-4.1')
    expect(dollars(gpt, { input: M, webSearches: 1_000 })).toBe('13.2')
    expect(dollars(gpt, { input: M }, 'fast')).toBe('3.85')
    expect(gpt.atMost({ inputTokens: 0 }).outputRate).toBe(8_800_000_000)
    expect(dollars(priceFor(book, 'anthropic', 'claude-haiku-4-5'), { input: M })).toBe('0.9')
    expect(dollars(priceFor(book, 'azure', 'gpt-4.1'), { input: M })).toBe('2')
  })
})

describe('what is wrong is refused at once, and named', () => {
  const of = (price: unknown): PriceOptions => ({ overrides: { a: { m: price } } }) as PriceOptions
  test.each([
    [of({ input: 'abc' }), "prices.overrides.a.m.input is 'abc', which is no amount of dollars"],
    [of({ input: -1 }), 'prices.overrides.a.m.input is -1'],
    [of({ input: '1,5' }), "prices.overrides.a.m.input is '1,5'"],
    [of({ input: null }), 'prices.overrides.a.m.input is null'],
    [of({ input: Number.NaN }), 'prices.overrides.a.m.input is'],
    [of({}), 'prices.overrides.a.m names no rate'],
    [of({ per: 1_000 }), 'prices.overrides.a.m names no rate'],
    [of({ input: 1, per: 100 }), 'prices.overrides.a.m.per is 100'],
    [of({ inputs: 1 }), "prices.overrides.a.m: there is no option 'inputs'"],
    [of(5), 'prices.overrides.a.m is 5, which is no price'],
    [of([]), 'prices.overrides.a.m is an empty list'],
    [of([{ input: 1 }, { output: 'x' }]), "prices.overrides.a.m[1].output is 'x'"],
    [of({ input: 1, tiers: {} }), 'prices.overrides.a.m.tiers is no list'],
    [of({ input: 1, tiers: [5] }), 'prices.overrides.a.m.tiers[0] is 5'],
    [of({ input: 1, tiers: [{ above: 0, input: 2 }] }), 'prices.overrides.a.m.tiers[0].above is 0'],
    [of({ input: 1, tiers: [{ above: 10, inputs: 2 }] }), "prices.overrides.a.m.tiers[0] has no 'inputs'"],
    [
      of({ input: 1, output: 2, cacheRead: 0.1, tiers: [{ above: 10, input: 2, output: 4 }] }),
      "prices.overrides.a.m.tiers[0] says nothing of 'cacheRead'",
    ],
    [
      of({
        input: 1,
        tiers: [
          { above: 10, input: 2 },
          { above: 10, input: 3 },
        ],
      }),
      'prices.overrides.a.m.tiers[1].above is not above the one before',
    ],
    [of({ input: 1, serviceTiers: 5 }), 'prices.overrides.a.m.serviceTiers is 5'],
    [of({ input: 1, serviceTiers: { fast: 'x' } }), "prices.overrides.a.m.serviceTiers.fast is 'x'"],
    [of({ input: 1, serviceTiers: { fast: 0 } }), 'prices.overrides.a.m.serviceTiers.fast is 0'],
    [of({ input: 1, serviceTiers: { fast: { output: 2 } } }), "serviceTiers.fast says nothing of 'input'"],
    [of({ input: 1, aliases: 'x' }), 'prices.overrides.a.m.aliases is no list of names'],
    [of({ input: 1, from: 'soon' }), "prices.overrides.a.m.from is 'soon', which is no time"],
    [of({ input: 1, between: ['1:00', '2:00'] }), 'prices.overrides.a.m.between is ["1:00","2:00"]'],
    [of({ input: 1, between: ['25:00', '02:00'] }), 'prices.overrides.a.m.between is'],
    [{ overrides: [] as never }, 'prices.overrides is []'],
    [{ overrides: { openai: 5 as never } }, 'prices.overrides.openai is 5'],
    [{ file: '' }, "prices.file is ''"],
    [{ providers: { ours: 5 as never } }, 'prices.providers has 5 for a provider'],
    [{ multipliers: { openai: 0 } }, 'prices.multipliers.openai is 0'],
    [{ multipliers: { openai: '-1' } }, "prices.multipliers.openai is '-1'"],
    [{ serviceTier: '' }, "prices.serviceTier is ''"],
    [{ override: {} } as never, "there is no option 'override'"],
    [null as never, 'prices is null'],
  ])('%j', (options, message) => {
    expect(() => priceSource('createLedger: prices', options)).toThrow(ConfigError)
    expect(() => priceSource('createLedger: prices', options)).toThrow(message)
  })

  test('a file that cannot be read, or holds no prices', () => {
    const open = (path: string) => () => priceSource('createLedger: prices', { file: path })
    expect(open(join(folder, 'none.json'))).toThrow(/The price file .*none\.json could not be read/)
    expect(open(file('{'))).toThrow(/could not be read as JSON/)
    expect(open(file([]))).toThrow(/The price file .*: is \[\]/)
    expect(open(file({ openai: { m: { input: 'x' } } }))).toThrow(/The price file .*: ?\.openai\.m\.input is 'x'/)
  })

  test('a price that was given for one call', () => {
    const query = { provider: 'test', model: 'm', at: NOON }
    expect(() => resolveGivenPrice('run.call: price', { input: 'x' }, query)).toThrow("run.call: price.input is 'x'")
    expect(resolveGivenPrice('run.call: price', { input: 1 }, query)).toMatchObject({
      source: 'given',
      provider: 'test',
    })
  })
})

test('a price that was given has a version of its own', () => {
  const versions = [{ input: 1 }, { input: 1 }, { input: 2 }].map((price) => given(price).version)
  expect(versions[0]).toBe(versions[1])
  expect(versions[0]).not.toBe(versions[2])
})
