import { ConfigError } from '../errors/config-error.ts'
import { USAGE_UNITS, type UsageUnit } from '../usage/token-usage.ts'
import { type Rates, rateFrom, TOKEN_UNITS } from './rates.ts'

/** Reads `{ input: 3, output: '15' }`, dollars for `per` tokens, or for one of what is no token. Throws `ConfigError`. */
export function parseRates(where: string, given: object, per: number): Rates {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, dollars]) => {
      if (!isUnit(name) || dollars === undefined) return []
      return [[name, parseRate(`${where}.${name}`, dollars, TOKEN_UNITS.includes(name) ? per : 1)]]
    }),
  )
}

export function parseRate(where: string, dollars: unknown, units: number): bigint {
  const isText = typeof dollars === 'string' || typeof dollars === 'number'
  const rate = isText ? rateFrom(String(dollars), units) : undefined
  if (rate !== undefined) return rate
  throw wrongPrice(where, `is ${shown(dollars)}, which is no amount of dollars`, "Write 3, or '0.25'.")
}

export function isUnit(name: string): name is UsageUnit {
  return (USAGE_UNITS as readonly string[]).includes(name)
}

/** Says what is wrong with the price of which model; none of a table is used if one of it is wrong. */
export function wrongPrice(where: string, problem: string, advice: string): ConfigError {
  return new ConfigError(`${where} ${problem}. Nothing was started, because calls would be priced wrongly. ${advice}`)
}

export function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
}
