import { ConfigError } from '../errors/config-error.ts'

/** What goes in; together, the input that context tiers count. */
export const INPUT_UNITS = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'cacheReadAudio',
  'inputImage',
  'cacheReadImage',
  'inputVideo',
] as const

/** What comes out; together, what a cap on the output bounds. */
export const OUTPUT_UNITS = ['output', 'reasoning', 'citation', 'outputAudio', 'outputImage', 'outputVideo'] as const

/** What is counted, but is no token. */
export const COUNT_UNITS = [
  'requests',
  'webSearches',
  'fileSearches',
  'codeSessions',
  'otherToolCalls',
  'audioSeconds',
  'documentPages',
  'annotatedPages',
] as const

export type InputUnit = (typeof INPUT_UNITS)[number]
export type OutputUnit = (typeof OUTPUT_UNITS)[number]
export type CountUnit = (typeof COUNT_UNITS)[number]
export type UsageUnit = InputUnit | OutputUnit | CountUnit

/** All of them, in the order in which a bill lists them. */
export const USAGE_UNITS: readonly UsageUnit[] = [...INPUT_UNITS, ...OUTPUT_UNITS, ...COUNT_UNITS]

/**
 * What one call used, in units that do not overlap: each token is counted in exactly one of them, whatever its provider
 * counts as part of what. Integers, 0 or more. A unit that is absent was not told, which is something else than 0.
 */
export interface TokenUsage {
  /** Text that was neither read from a cache nor written to one. */
  readonly input?: number
  /** Text read from a cache. */
  readonly cacheRead?: number
  /** Written to a cache for five minutes, or for as long as the provider's cache keeps things by default. */
  readonly cacheWrite5m?: number
  /** Written to a cache for an hour or more. */
  readonly cacheWrite1h?: number
  readonly inputAudio?: number
  readonly cacheReadAudio?: number
  /** Images, and pages of documents where they are counted as images. */
  readonly inputImage?: number
  readonly cacheReadImage?: number
  readonly inputVideo?: number
  /** Text, the arguments of tool calls included, reasoning excluded. */
  readonly output?: number
  /** Thinking, also where it is hidden. */
  readonly reasoning?: number
  /** Sources that the provider read for its citations. */
  readonly citation?: number
  readonly outputAudio?: number
  readonly outputImage?: number
  readonly outputVideo?: number
  /** Requests that this stands for. @default 1 */
  readonly requests?: number
  /** Web searches that the provider ran. */
  readonly webSearches?: number
  /** Searches in files that the provider keeps. */
  readonly fileSearches?: number
  /** Containers that the provider opened for code. */
  readonly codeSessions?: number
  /** Other tools that the provider ran, and may bill. */
  readonly otherToolCalls?: number
  /** Seconds of audio, where these are what is billed; rounded up. */
  readonly audioSeconds?: number
  readonly documentPages?: number
  /** Of the pages, those that were annotated too. */
  readonly annotatedPages?: number
}

/** Tokens of all kinds that went in. */
export function inputTokensOf(usage: TokenUsage): number {
  return sumOf(usage, INPUT_UNITS)
}

/** Tokens of all kinds that came out. */
export function outputTokensOf(usage: TokenUsage): number {
  return sumOf(usage, OUTPUT_UNITS)
}

/** More of anything than one call can have used. */
const MOST_OF_A_CALL = 1_000_000_000

/** Whether one call can have used that many: an integer, 0 or more, and no more than any model ever has. */
export function isCountOfCall(value: unknown): value is number {
  return isCount(value) && value <= MOST_OF_A_CALL
}

/** Whether it says anything at all: what says nothing must never count as nothing used. */
export function saysAnything(usage: TokenUsage): boolean {
  return USAGE_UNITS.some((unit) => usage[unit] !== undefined)
}

/** Whether this is such a usage, and not what some provider calls so. */
export function isTokenUsage(value: unknown): value is TokenUsage {
  if (typeof value !== 'object' || value === null) return false
  const counts = Object.entries(value)
  const isKnown = counts.every(([unit, count]) => isUnit(unit) && (count === undefined || isCount(count)))
  return isKnown && counts.some(([, count]) => count !== undefined)
}

/** Refuses a usage that somebody made by hand and that is none. Throws `ConfigError`. */
export function checkUsage(where: string, usage: unknown): asserts usage is TokenUsage {
  if (typeof usage !== 'object' || usage === null) {
    throw new ConfigError(`${where}: a usage is an object such as { input: 950, output: 500 }. Nothing was counted.`)
  }
  for (const [unit, count] of Object.entries(usage)) {
    if (!isUnit(unit)) {
      throw new ConfigError(
        `${where}: there is no unit '${unit}'. Nothing was counted. Units: ${USAGE_UNITS.join(', ')}.`,
      )
    }
    if (count === undefined || isCount(count)) continue
    throw new ConfigError(
      `${where}: \`${unit}\` is ${String(count)}. Nothing was counted. Write an integer, 0 or more.`,
    )
  }
}

function sumOf(usage: TokenUsage, units: readonly UsageUnit[]): number {
  return units.reduce((sum, unit) => sum + (usage[unit] ?? 0), 0)
}

function isUnit(name: string): name is UsageUnit {
  return (USAGE_UNITS as readonly string[]).includes(name)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
