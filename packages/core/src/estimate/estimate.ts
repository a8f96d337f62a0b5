import type { CacheControl } from '../usage/cache-control.ts'
import type { Dialect } from './dialect.ts'

/** A model request whose cost is asked for before it is sent. */
export interface RequestToEstimate {
  /** 'openai', 'anthropic', …, also with an API behind a dot. */
  readonly provider: string
  readonly model: string
  /** Its body, as an object of one of the shapes that we know; or a text, or a list of messages. */
  readonly request: unknown
  /** The very same as JSON that `JSON.stringify` wrote, where that is at hand: spares writing it again. */
  readonly body?: string | Uint8Array | undefined
  /** What the headers switch on (`anthropic-beta`), beside the request's own `betas`. */
  readonly betas?: readonly string[] | undefined
}

export interface EstimateOptions {
  /**
   * What providers add to a request without showing it. Of 1,155 recorded pairs of request and usage, none without
   * provider-side tools had more. @default 2_048
   */
  readonly hiddenTokens?: number
  /**
   * `rules`: images and audio count by what is published of their model; `strict`: at least as many tokens as their
   * base64 has bytes, which also covers media that are billed as text. @default 'rules'
   */
  readonly media?: 'rules' | 'strict'
}

export const ESTIMATE_DEFAULTS: Required<EstimateOptions> = Object.freeze({ hiddenTokens: 2_048, media: 'rules' })

export type MediaKind = 'image' | 'audio' | 'video' | 'file'

/** An image, a recording or a file in a request. */
export interface MediaEstimate {
  readonly kind: MediaKind
  /** Where it stands, such as `messages[2].content[1]`. */
  readonly path: string
  /** At most, where it is bounded. */
  readonly tokens: number
}

/** The most that a request lets its answers have. */
export interface OutputCap {
  /** Where it stands, such as `max_tokens`; null: nothing is written at all. */
  readonly field: string | null
  /** As the caller set it. */
  readonly value: number
  /** How many answers were asked for, each with that cap. */
  readonly answers: number
  /** Over all answers, and with what an SDK adds for thinking. */
  readonly tokens: number
}

/** What a request can come to, told from the request alone. */
export interface Estimate {
  /** Undefined for a shape that we do not know. */
  readonly dialect: Dialect | undefined
  /** What goes in, at most: text, media, and what the provider adds. A guess where the request is not bounded. */
  readonly inputTokens: number
  /** Those of the tokens that are the request's text. */
  readonly textTokens: number
  /** Those of the tokens that are not text. */
  readonly media: readonly MediaEstimate[]
  /** Whether what goes in is bounded, and what comes out is by a cap. */
  readonly bounded: boolean
  /** What has no bound, such as `tools[0]: web_search`; empty if it is bounded. */
  readonly unboundedBy: readonly string[]
  readonly outputCap: OutputCap | undefined
  /** What is asked for besides text. */
  readonly outputMedia: readonly ('audio' | 'image')[]
  /** Whether part of the output is probably thinking, so that a small cap leaves no answer. */
  readonly isReasoning: boolean
  /** Which service tier was asked for, if any; the answer tells which one served it. */
  readonly serviceTier: string | undefined
  /** For how long it asks Claude to cache what it sends. */
  readonly cacheControl: CacheControl
  /** How many requests are billed where requests have a price. */
  readonly requests: number
}
