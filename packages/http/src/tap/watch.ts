import type { UsageReading } from 'holdfast'

/** How a provider ended its answer, or we did; `error` where the connection broke. */
export interface WatchedEnd {
  readonly kind: 'complete' | 'cut' | 'failed'
  readonly error?: unknown
}

/** What was seen of an answer. */
export interface WatchReport {
  readonly reading: UsageReading | undefined
  readonly seenTokens: number | undefined
  readonly pendingId: string | undefined
}

/** Looks at a body of one kind as it goes by. */
export interface Watch {
  /** Looks at what came, and lets it into the passage. Tells if that ended the answer. */
  take(chunk: Uint8Array): WatchedEnd | undefined
  /** Nothing more comes: `isClean` where the body ended, rather than broke. */
  finish(isClean: boolean): WatchedEnd
  /** Asked once, at the end. */
  report(): WatchReport
}
