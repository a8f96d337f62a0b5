import { decimalText, parseDecimal, scaledUp } from './usd/decimal.ts'

declare const brand: unique symbol

/** An amount of money in nano-USD, a safe integer: made by `usd(2)`, so that no plain number passes for it. */
export type Usd = number & { readonly [brand]: 'Usd' }

/** Decimals of a nano-USD. */
export const USD_PLACES = 9
const CENT_PLACES = 2
/** What a limit, a price or a row cannot be beyond: about nine million dollars. */
const MOST = BigInt(Number.MAX_SAFE_INTEGER)
const FORM = /^\d+(?:\.\d{1,9})?$/

/**
 * An amount of dollars, exactly: `usd(2)`, `usd('0.25')`.
 *
 * Throws a `TypeError` or `RangeError` for what is no amount, has more than nine decimals, is negative or beyond nine
 * million. A number counts as the decimal that JavaScript prints for it, so write `usd('0.3')` rather than `usd(0.1 + 0.2)`.
 */
export function usd(amount: number | string): Usd {
  if (typeof amount !== 'number' && typeof amount !== 'string') {
    throw new TypeError(
      `usd() takes a number of dollars or a text such as '0.25', not ${typeof amount}. Nothing was set.`,
    )
  }
  const text = String(amount)
  const decimal = FORM.test(text) ? parseDecimal(text) : undefined
  if (decimal === undefined) throw new RangeError(notAnAmount(text))
  const nano = scaledUp(decimal, USD_PLACES)
  if (nano > MOST) {
    throw new RangeError(`usd(${text}) is more than can be counted exactly. Nothing was set. The most is $9,007,199.`)
  }
  return Number(nano) as Usd
}

function notAnAmount(text: string): string {
  return (
    `usd(${text}) is no amount of dollars: digits, and at most ${USD_PLACES} decimals. Nothing was set. ` +
    `Round it, or write it as a text, such as usd('0.000000001').`
  )
}

/** Whether this could be an amount of money: an integer of nano-USD, 0 or more. */
export function isUsd(value: unknown): value is Usd {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/**
 * An amount that is counted in nano-USD already, such as one that the ledger stored. What is beyond nine million dollars
 * counts as the most that can be counted. Throws a `RangeError` for a fraction.
 */
export function usdFromNano(nano: number | bigint): Usd {
  const amount = Number(nano)
  assertWhole(amount)
  return Math.min(Math.max(amount, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) as Usd
}

/**
 * As a person reads it, exactly: `$12.50`, `$0.0042`, `-$3.00`, and `-` where there is no amount. Two to nine decimals.
 *
 * Takes nano-USD. Throws a `RangeError` for a fraction of one.
 */
export function formatUsd(amount: Usd | number | null | undefined): string {
  if (amount === null || amount === undefined) return '-'
  assertWhole(amount)
  const nano = BigInt(amount)
  const text = decimalText(nano < 0n ? -nano : nano, USD_PLACES, CENT_PLACES)
  return nano < 0n ? `-$${text}` : `$${text}`
}

function assertWhole(nano: number): void {
  if (!Number.isInteger(nano)) throw new RangeError(`${nano} nano-USD cannot be counted exactly.`)
}
