import { parseDecimal, scaledUp } from '../usd/decimal.ts'
import { USD_PLACES, type Usd, usdFromNano } from '../usd.ts'
import { isCountOfCall } from './token-usage.ts'
import type { Fields, UsageReading } from './usage-reading.ts'

const NONE: Fields = Object.freeze({})

/** The members of an object; none for everything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NONE
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A provider says a count that no call can have: whatever else it says counts for nothing. */
class ImpossibleCount extends Error {}

/** Undefined for a usage with a count that no call can have, which is one that was not told. */
export function unlessImpossible(read: () => UsageReading | undefined): UsageReading | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ImpossibleCount) return undefined
    throw error
  }
}

/** A count; undefined where it was not told. Throws what `unlessImpossible` catches for everything else. */
export function countOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  if (!isCountOfCall(value)) throw new ImpossibleCount()
  return value
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
