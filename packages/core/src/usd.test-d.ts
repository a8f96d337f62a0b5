import { expectTypeOf, test } from 'vitest'
import { formatUsd, isUsd, type Usd, usd } from './usd.ts'

declare function limitTo(budget: Usd): void
declare const value: unknown

test('a plain number is no amount of money', () => {
  limitTo(usd(2))
  // @ts-expect-error: two what? Write usd(2)
  limitTo(2)
  // @ts-expect-error: sums are numbers, and have to be looked at again
  limitTo(usd(2) + usd(3))
  // @ts-expect-error: neither is a text
  limitTo('2')
})

test('an amount is a number where it is read', () => {
  expectTypeOf(usd('0.25')).toExtend<number>()
  expectTypeOf(formatUsd(usd(2))).toEqualTypeOf<string>()
  if (isUsd(value)) expectTypeOf(value).toEqualTypeOf<Usd>()
})
