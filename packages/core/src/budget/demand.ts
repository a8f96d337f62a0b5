import type { Estimate } from '../estimate/estimate.ts'
import type { CallBound, Media } from '../price/bound.ts'

/** What a request may use at most, however that is known. */
export interface Demand {
  /** Absent: whoever makes a model of that name. */
  readonly provider?: string
  readonly model: string
  /** What its caller calls it, where the request names another model: that one may answer too. */
  readonly label?: string
  readonly inputTokens: number
  /** Of these, what is there however they are counted. */
  readonly leastInputTokens: number
  /** The caller's own cap on all answers together; undefined: it set none. */
  readonly outputCap: number | undefined
  /** False: whoever sends it knows no other cap. */
  readonly canBeLowered: boolean
  /** How many answers share it. */
  readonly answers: number
  /** Part of the output is thinking, so that a small cap leaves no answer. */
  readonly isReasoning: boolean
  /** What else a price depends on. */
  readonly bound: Omit<CallBound, 'inputTokens' | 'until'>
  /** Its caller speaks for a call that the ledger does not see, and what it does not say is as the price has it. */
  readonly isByHand?: boolean
  /** What of it has no bound, such as `tools[0]: web_search`. */
  readonly unboundedBy: readonly string[]
  /** The input by a tokenizer, which is never more than `inputTokens`. */
  count(): Promise<number>
}

/** How the output of calls is limited. */
interface OutputDefaults {
  /** The cap of a call whose caller set none, for each of its answers. */
  readonly cap: number
  /** The least that is of any use. */
  readonly least: number
  /** The same where part of it is thinking. */
  readonly leastReasoning: number
  /** Beyond this a cap is none: no model writes as much. */
  readonly most: number
}

export const OUTPUT_DEFAULTS: OutputDefaults = Object.freeze({
  cap: 16_384,
  least: 256,
  leastReasoning: 2_048,
  most: 10_000_000,
})

/** Tokens of output: as many as the caller wants, or else the default; and the least that would still do. */
export function outputOf(demand: Pick<Demand, 'outputCap' | 'answers' | 'isReasoning' | 'canBeLowered'>): {
  readonly least: number
  readonly most: number
} {
  const { outputCap, answers, isReasoning, canBeLowered } = demand
  const most = Math.min(outputCap ?? OUTPUT_DEFAULTS.cap * answers, OUTPUT_DEFAULTS.most)
  const useful = isReasoning ? OUTPUT_DEFAULTS.leastReasoning : OUTPUT_DEFAULTS.least
  return { least: canBeLowered ? Math.min(useful * answers, most) : most, most }
}

/** What a price has to know of a request that was estimated. */
export function boundOf({ media, serviceTier, requests, cacheControl }: Estimate): Demand['bound'] {
  const kinds = new Set(media.map(({ kind }): Media => (kind === 'file' ? 'image' : kind)))
  return {
    media: [...kinds],
    counts: { requests },
    cacheControl,
    ...(serviceTier === undefined ? {} : { serviceTier }),
  }
}
