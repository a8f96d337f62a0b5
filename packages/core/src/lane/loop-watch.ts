import type { Lane } from './lane.ts'

/** A call of a tool, as the loop guard gets to know it when it starts. */
export interface StartedCall {
  readonly lane: Lane
  readonly tool: string
  /** The canonical JSON of its arguments; empty if it has none. */
  readonly args: string
  /** What its arguments are may not be shown. */
  readonly secret: boolean
  /** What `answers` was when it started. @default what it is now */
  readonly since?: number
}

/** A call that may become part of a loop. */
export interface WatchedCall {
  /** What it must be stopped with before it begins: it would carry on a loop. */
  loop(): Error | undefined
  /** It ended, and this is what the agent gets to see of that. */
  answered(text: string): void
  /** The same for what the record answered, about when it was first answered. */
  served(text: string, at: number): void
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
