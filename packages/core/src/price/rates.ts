import { INPUT_UNITS, OUTPUT_UNITS, type UsageUnit } from '../usage/token-usage.ts'
import { ceilDivide, parseDecimal, powerOfTen } from '../usd/decimal.ts'
import { USD_PLACES } from '../usd.ts'

/**
 * nano-USD for a million of each unit. Every published price per token is a whole number of these; the few prices that
 * are not (hours of audio, noise of floating-point data) are rounded up.
 */
export type Rates = Readonly<Partial<Record<UsageUnit, bigint>>>

/** Decimals that a million adds to those of a nano-USD: a count times a rate is an amount of 10^-15 USD. */
export const MILLION_PLACES = 6
export const AMOUNT_PLACES: number = USD_PLACES + MILLION_PLACES

/** What a unit costs where it has no rate of its own: the first of these that has one. */
const WIDER: Readonly<Partial<Record<UsageUnit, readonly UsageUnit[]>>> = {
  cacheRead: ['input'],
  cacheWrite5m: ['input'],
  cacheWrite1h: ['cacheWrite5m', 'input'],
  inputAudio: ['input'],
  cacheReadAudio: ['inputAudio', 'cacheRead', 'input'],
  inputImage: ['input'],
  cacheReadImage: ['inputImage', 'cacheRead', 'input'],
  inputVideo: ['input'],
  reasoning: ['output'],
  citation: ['output'],
  outputAudio: ['output'],
  outputImage: ['output'],
  outputVideo: ['output'],
  annotatedPages: ['documentPages'],
}

/** What tools of providers cost where a price does not say: the dearest that is published. */
const FEES: Rates = {
  // Grounding with Google Search up to Gemini 2.5, $35 for 1,000 (ai.google.dev/gemini-api/docs/pricing).
  webSearches: dollarsPer(35, 1_000),
  // File search of OpenAI, $2.50 for 1,000, and a container for code, $0.03 (developers.openai.com/api/docs/pricing).
  fileSearches: dollarsPer(2.5, 1_000),
  codeSessions: dollarsPer(0.03, 1),
}

export const TOKEN_UNITS: readonly UsageUnit[] = [...INPUT_UNITS, ...OUTPUT_UNITS]

export interface Rate {
  readonly nano: bigint
  /** It stands in for one that the price does not have. */
  readonly assumed: boolean
}

/**
 * What a unit costs. Tokens that a price says nothing of are taken for its dearest: an absent price is no gift. Undefined
 * where nothing can be said.
 */
export function rateOf(rates: Rates, unit: UsageUnit): Rate | undefined {
  let known = rates[unit]
  for (const name of WIDER[unit] ?? []) known ??= rates[name]
  if (known !== undefined) return { nano: known, assumed: false }
  const standIn = TOKEN_UNITS.includes(unit) ? dearestToken(rates) : FEES[unit]
  return standIn === undefined ? undefined : { nano: standIn, assumed: true }
}

function dearestToken(rates: Rates): bigint | undefined {
  const known = TOKEN_UNITS.flatMap((unit) => rates[unit] ?? [])
  return known.length === 0 ? undefined : highest(known)
}

export function highest(amounts: readonly bigint[]): bigint {
  let most = amounts[0] ?? 0n
  for (const amount of amounts) if (amount > most) most = amount
  return most
}

/** The rate of what costs so many dollars for `units` of it, rounded up once; undefined for what is no amount. */
export function rateFrom(dollars: string, units: number): bigint | undefined {
  const decimal = parseDecimal(dollars)
  if (decimal === undefined) return undefined
  return ceilDivide(decimal.digits * powerOfTen(AMOUNT_PLACES), powerOfTen(decimal.places) * BigInt(units))
}

function dollarsPer(dollars: number, units: number): bigint {
  return rateFrom(String(dollars), units) ?? 0n
}
