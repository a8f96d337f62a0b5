import { readUsage } from '../usage/read-usage.ts'
import {
  INPUT_UNITS,
  isCountOfCall,
  OUTPUT_UNITS,
  type TokenUsage,
  USAGE_UNITS,
  type UsageUnit,
} from '../usage/token-usage.ts'
import type { UsageReading } from '../usage/usage-reading.ts'

/**
 * What somebody says that a call used: in our units, or as its provider does. Undefined for what says nothing, which is
 * never the same as nothing used.
 */
export function readSpent(said: unknown, provider: string | undefined): UsageReading | undefined {
  if (isTokenUsage(said)) return { usage: said, complete: isWhole(said), others: [] }
  return readUsage(said, provider === undefined ? {} : { provider })
}

/** One that counts nothing at all was not counted. */
function isTokenUsage(said: unknown): said is TokenUsage {
  if (typeof said !== 'object' || said === null) return false
  const counts = Object.entries(said).filter(([, count]) => count !== undefined)
  return (
    counts.every(([unit, count]) => isUnit(unit) && isCountOfCall(count)) && counts.some(([, count]) => count !== 0)
  )
}

function isWhole(usage: TokenUsage): boolean {
  return isTold(usage, INPUT_UNITS) && isTold(usage, OUTPUT_UNITS)
}

/** Also where it is told to be 0. */
export function isTold(usage: TokenUsage, units: readonly UsageUnit[]): boolean {
  return units.some((unit) => usage[unit] !== undefined)
}

function isUnit(name: string): boolean {
  return (USAGE_UNITS as readonly string[]).includes(name)
}
