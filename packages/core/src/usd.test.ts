import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatUsd, isUsd, type Usd, usd, usdFromNano } from './usd.ts'

const runs = { seed: 20_261_121, numRuns: 1_000 }
const nano = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

describe('usd', () => {
  test.each([
    [2, 2_000_000_000],
    [0, 0],
    [-0, 0],
    [0.1, 100_000_000],
    [1.005, 1_005_000_000],
    [0.000001, 1_000],
    ['0.25', 250_000_000],
    ['0.000000001', 1],
    ['007.50', 7_500_000_000],
    ['9007199.254740991', Number.MAX_SAFE_INTEGER],
  ])('usd(%j) is %i nano-dollars', (amount, expected) => {
    expect(usd(amount)).toBe(expected)
  })

  test.each([
    0.1 + 0.2,
    1e-7,
    1e21,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    ' 1',
    '1,000',
    '$5',
    '-1',
    '+1',
    '.5',
    '5.',
    '1e3',
    '0x10',
    '0.0000000001',
    '0.2500000000',
    '9007199.254740992',
    9_007_200,
  ])('usd(%j) is refused, and says so', (amount) => {
    expect(() => usd(amount)).toThrow(RangeError)
    expect(() => usd(amount)).toThrow(/^usd\(.*Nothing was set/)
  })

  test.each([null, undefined, 5n, {}, [5], true])('what is neither a number nor a text is refused: %s', (amount) => {
    expect(() => usd(amount as never)).toThrow(TypeError)
  })
})

describe('formatUsd', () => {
  test.each([
    [0, '$0.00'],
    [1, '$0.000000001'],
    [4_200_000, '$0.0042'],
    [12_500_000_000, '$12.50'],
    [12_510_000_000, '$12.51'],
    [12_512_000_000, '$12.512'],
    [1_000_000_000_000, '$1000.00'],
    [Number.MAX_SAFE_INTEGER, '$9007199.254740991'],
    [-1, '-$0.000000001'],
    [-3_000_000_000, '-$3.00'],
    [null, '-'],
    [undefined, '-'],
  ])('%s is %s', (amount, expected) => {
    expect(formatUsd(amount)).toBe(expected)
  })

  test('reads back as the same amount, whatever the amount', () => {
    fc.assert(
      fc.property(nano, (amount) => {
        const text = formatUsd(amount)
        expect(text).toMatch(/^\$\d+\.\d{2,9}$/)
        expect(usd(text.slice(1))).toBe(amount)
      }),
      runs,
    )
  })

  test('shows what is too much to be counted exactly, since errors have to tell of it', () => {
    expect([formatUsd(2 ** 53), formatUsd(-1e19)]).toEqual(['$9007199.254740992', '-$10000000000.00'])
  })

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    '%s nano-dollars are refused rather than shown wrongly',
    (amount) => {
      expect(() => formatUsd(amount)).toThrow(RangeError)
    },
  )
})

test('an amount that was stored is an amount again, or the nearest that can be counted exactly', () => {
  expect(usdFromNano(5n)).toBe(5)
  expect([usdFromNano(2n ** 53n), usdFromNano(-1e19)]).toEqual([Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER])
  for (const none of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => usdFromNano(none)).toThrow(RangeError)
})

test('isUsd tells amounts from everything else', () => {
  const amounts: unknown[] = [usd(2), 0, 5]
  const others: unknown[] = [-1, 0.5, Number.NaN, 2 ** 53, '2', 2n, null, undefined, {}]
  expect([amounts.every(isUsd), others.some(isUsd)]).toEqual([true, false])
})

test('a number of dollars is what JavaScript prints for it, so that both ways to write an amount agree', () => {
  const cents = fc.integer({ min: 0, max: 900_000_000 })
  fc.assert(
    fc.property(cents, (amount) => {
      const expected: Usd = usdFromNano(BigInt(amount) * 10_000_000n)
      expect(usd(amount / 100)).toBe(expected)
      expect(usd((amount / 100).toFixed(2))).toBe(expected)
    }),
    runs,
  )
})
