import { describe, expect, test } from 'vitest'
import { type BundledModel, convertModel } from './bundled-prices.ts'

const provider = { id: 'p', models: [] }

function convert(prices: unknown, more: object = {}): ReturnType<typeof convertModel> {
  return convertModel(provider, { id: 'm', match: { equals: 'm' }, prices, ...more } as BundledModel)
}

function rates(prices: unknown): unknown {
  return convert(prices)?.bands[0].steps.map((step) => step.rates)
}

describe('numbers of the data', () => {
  test.each([
    [{ input_mtok: 0.1 + 0.2 }, { input: 300_000_000n }],
    [{ input_mtok: 0.18000000000000002 }, { input: 180_000_000n }],
    [{ input_mtok: 0.08333333333333334 }, { input: 83_333_334n }],
    [{ input_mtok: 1e-7 }, { input: 100n }],
    [{ input_mtok: 600 }, { input: 600_000_000_000n }],
    [{ requests_kcount: 14 }, { requests: 14_000_000_000_000n }],
    [{ audio_hours: 0.36, input_audio_hours: 0.3 }, { audioSeconds: 100_000_000_000n }],
  ])('%j', (prices, expected) => {
    expect(rates(prices)).toEqual([expected])
  })
})

describe('tiers', () => {
  test('of several units are put together', () => {
    const prices = {
      input_mtok: {
        base: 1,
        tiers: [
          { start: 200, price: 3 },
          { start: 100, price: 2 },
        ],
      },
      output_mtok: { base: 10, tiers: [{ start: 150, price: 20 }] },
      cache_read_mtok: 0.5,
    }
    expect(
      convert(prices)?.bands[0].steps.map(({ above, rates: { input, output } }) => [above, input, output]),
    ).toEqual([
      [-1, 1_000_000_000n, 10_000_000_000n],
      [100, 2_000_000_000n, 10_000_000_000n],
      [150, 2_000_000_000n, 20_000_000_000n],
      [200, 3_000_000_000n, 20_000_000_000n],
    ])
  })
})

describe('what is not understood has no price', () => {
  test.each([
    [{}],
    [{ input_mtok: 1, input_smell_mtok: 2 }],
    [{ input_mtok: -1 }],
    [{ input_mtok: Number.NaN }],
    [{ input_mtok: '1' }],
    [[{ prices: { input_mtok: 1 } }, { constraint: { start_date: 'soon' }, prices: { input_mtok: 2 } }]],
    [[{ prices: { input_mtok: 1 } }, { constraint: { start_time: '1', end_time: '2' }, prices: { input_mtok: 2 } }]],
    [[{ prices: { input_mtok: 1 } }, { prices: {} }]],
  ])('%j', (prices) => {
    expect(convert(prices)).toBeUndefined()
  })

  test('but a free model is free', () => {
    expect(convert({}, { id: 'm:free' })?.bands[0].steps).toEqual([{ above: -1, rates: { input: 0n, output: 0n } }])
  })
})

test('names that a rule spells out are names of the model, those that it equals first', () => {
  const match = {
    or: [
      { starts_with: 'b' },
      { equals: 'a' },
      { regex: '^c' },
      { and: [{ contains: 'd' }, { regex: '^e' }] },
      { equals: 'a' },
    ],
  }
  expect(convert({ input_mtok: 1 }, { match })?.aliases).toEqual(['a', 'b', 'd'])
})
