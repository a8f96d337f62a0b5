import { parseDecimal, scaledUp } from '../usd/decimal.ts'
import { USD_PLACES, type Usd, usdFromNano } from '../usd.ts'
import type { Fields } from './usage-reading.ts'

const NONE: Fields = Object.freeze({})

/** The members of an object; none for everything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NONE
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A count: an integer, 0 or more. Everything else was not told. */
export function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

/** The same, where what was not told is none: for parts of a count that was told. */
export function partOf(value: unknown): number {
  return countOf(value) ?? 0
}

/** An amount of dollars that a provider reports, rounded up to a nano-dollar; undefined for none and for nothing. */
export function reportedUsd(dollars: unknown): Usd | undefined {
  if (typeof dollars !== 'number' || !(dollars > 0)) return undefined
  const decimal = parseDecimal(String(dollars))
  const nano = decimal && scaledUp(decimal, USD_PLACES)
  return nano === undefined || nano > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : usdFromNano(nano)
}

/** The items of a list that are objects. */
export function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}
