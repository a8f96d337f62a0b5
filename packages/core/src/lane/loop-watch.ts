/** A call of a tool, as the loop guard gets to know it when it starts. */
export interface StartedCall {
  /** The lane, or the work without one, that it is made in. */
  readonly lane: object
  readonly tool: string
  /** The canonical JSON of its arguments; empty if it has none. */
  readonly args: string
  /** The same of what it was asked with, if a schema made its arguments of that. @default `args` */
  readonly raw?: () => string | undefined
  /** What its arguments are may not be shown. */
  readonly secret: boolean
  /** The attempt whose record its lane is going through again, so that the call is none that is new. */
  readonly attempt?: number | undefined
  /** What `answers` was when it started. @default what it is now */
  readonly since?: number
}

/** When the record answered a call first. */
export interface FirstAnswered {
  /** About when, in epoch milliseconds; 0 where that does not matter. */
  readonly at: number
  /** Of its run. */
  readonly attempt: number
  readonly span: AnsweredSpan
}

/** From when to when a call was in flight: two of one measure were side by side if one began before the other had ended. */
export interface AnsweredSpan {
  /** Answers are counted within their lane; the claims of effects are placed in the run's log. */
  readonly measure: 'answers' | 'entries'
  readonly began: number
  readonly ended: number
}

/** A call that may become part of a loop. */
export interface WatchedCall {
  /** What it must be stopped with before it begins: it would carry on a loop. */
  loop(): Error | undefined
  /** It ended, and this is what the agent gets to see of that; undefined if nobody can compare it, as what is another each time. */
  answered(text: string | undefined): void
  /** The same for what the record answered. */
  served(text: string | undefined, first: FirstAnswered): void
}

/** What sees when the calls of a run go round in circles. */
export interface LoopWatch {
  /** How many answers were counted so far. */
  readonly answers: number
  /** Whether it matters when something was answered. */
  readonly isTimed: boolean
  /** Undefined for a tool that is not looked at. */
  watch(call: StartedCall): WatchedCall | undefined
}
