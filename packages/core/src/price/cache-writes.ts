import { ceilDivide } from '../usd/decimal.ts'
import type { Rates } from './rates.ts'

/**
 * Claude's prices for writing to the cache, where a table leaves them out: 1.25 times the input for five minutes, twice
 * for an hour (platform.claude.com/docs/en/about-claude/pricing). Taken for input, they would be charged too low.
 */
export function withCacheWrites(model: string, rates: Rates): Rates {
  const { input } = rates
  if (input === undefined || !isClaude(model)) return rates
  return { cacheWrite5m: ceilDivide(input * 5n, 4n), cacheWrite1h: input * 2n, ...rates }
}

/** Only Claude writes to its cache on request alone, and only it has two lifetimes with published prices. */
export function isClaude(model: string): boolean {
  return model.toLowerCase().includes('claude')
}
