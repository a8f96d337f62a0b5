/** What kind of thing a line tells of; decides its sign and colour. */
export type LineKind =
  | 'run'
  | 'call'
  | 'succeeded'
  | 'failed'
  | 'unknown'
  | 'again'
  | 'served'
  | 'read'
  | 'value'
  | 'pending'
  | 'asked'
  | 'undone'
  | 'irreversible'
  | 'warning'

/** What has become of an effect, beside the line on which it happened. */
export interface UndoMark {
  readonly kind: LineKind
  readonly text: string
}

/** One line of a run's timeline. */
export interface TimelineLine {
  readonly kind: LineKind
  readonly text: string
  /** Epoch milliseconds; null where the record has an order but no time. */
  readonly at: number | null
  readonly tookMs: number | null
  /** How many effects' bodies, or runs, it happened within. */
  readonly depth: number
  readonly mark?: UndoMark
}
