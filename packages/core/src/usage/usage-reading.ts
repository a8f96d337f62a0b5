import type { Usd } from '../usd.ts'
import { countOf } from './fields.ts'
import type { TokenUsage, UsageUnit } from './token-usage.ts'

/** What a provider said of one call. */
export interface UsageReading {
  readonly usage: TokenUsage
  /** The model that answered, where the answer names it: not always the one that was asked. */
  readonly model?: string
  /** The tier that served it, in the provider's words: not always the one that was asked for. */
  readonly serviceTier?: string
  /** Where it was served, in the provider's words, if that may change the price. */
  readonly region?: string
  /** False: one side, input or output, is missing, and must be filled from what was sent or seen. */
  readonly complete: boolean
  /** What the provider says that it cost, rounded up. */
  readonly reported?: Usd
  /** What other models did for the same call, each to be paid at its own price. */
  readonly others: readonly UsageReading[]
}

/** What is known besides the body. */
export interface UsageContext {
  /** Whose answer it is; the shapes are told apart without it, some habits are not. */
  readonly provider?: string
}

/** Knows one shape: undefined for a body that is none of it, or says nothing. */
export type UsageReader = (body: Fields, context: UsageContext) => UsageReading | undefined

/** Members of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** The parts of a reading that a shape knows; those that are undefined were not told. */
export interface ReadParts {
  readonly usage: Readonly<Partial<Record<UsageUnit, number | undefined>>>
  readonly complete: boolean
  readonly model?: unknown
  readonly serviceTier?: unknown
  readonly region?: unknown
  readonly reported?: Usd | undefined
  readonly others?: readonly UsageReading[]
}

/**
 * Undefined where nothing was counted: a provider that reports 0 tokens for an answer did not count, and an answer that
 * was not counted must not become one that cost nothing. What parts add up to must be possible, as each of them is.
 */
export function makeReading(parts: ReadParts): UsageReading | undefined {
  const usage: { [unit in UsageUnit]?: number } = {}
  let isCounted = false
  for (const unit of Object.keys(parts.usage) as UsageUnit[]) {
    const count = countOf(parts.usage[unit])
    if (count === undefined || !isTold(unit, count)) continue
    usage[unit] = count
    isCounted ||= count !== 0
  }
  if (!isCounted) return undefined
  return {
    usage: usage satisfies TokenUsage,
    complete: parts.complete,
    ...textMember('model', parts.model),
    ...textMember('serviceTier', parts.serviceTier),
    ...textMember('region', parts.region),
    ...(parts.reported === undefined ? {} : { reported: parts.reported }),
    others: parts.others ?? [],
  }
}

/** Nothing read from a cache is nothing to tell of; no input or no output is. */
function isTold(unit: string, count: number): boolean {
  return count > 0 || unit === 'input' || unit === 'output'
}

function textMember<Name extends string>(name: Name, value: unknown): { [name in Name]?: string } {
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as { [name in Name]?: string }
}
