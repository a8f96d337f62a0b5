import { readUsage } from '../usage/read-usage.ts'
import { inputTokensOf, outputTokensOf, type TokenUsage, USAGE_UNITS } from '../usage/token-usage.ts'
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
  return counts.every(([unit, count]) => isUnit(unit) && isCount(count)) && counts.some(([, count]) => count !== 0)
}

function isWhole(usage: TokenUsage): boolean {
  return inputTokensOf(usage) > 0 && outputTokensOf(usage) > 0
}

function isUnit(name: string): boolean {
  return (USAGE_UNITS as readonly string[]).includes(name)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
