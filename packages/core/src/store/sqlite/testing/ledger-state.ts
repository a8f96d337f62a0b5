/** What is compared after each action. */
export interface LedgerState {
  readonly runs: Readonly<Record<string, RunState>>
  /** Generations by place. */
  readonly effects: Readonly<Record<string, readonly EffectState[]>>
}

export interface RunState {
  readonly status: string
  readonly epoch: number
  readonly attempt: number
  readonly halted: boolean
  readonly dead: boolean
  /** The run in which it was opened last. */
  readonly parent: string | null
  /** Kind and effect of each, in order. */
  readonly entries: readonly string[]
}

export interface EffectState {
  readonly generation: number
  readonly status: string
  readonly epoch: number
  readonly attempt: number
  readonly certainty: string | null
  readonly args: string
  readonly result: string | null
  /** Its place in the order of commits of its tree of runs. */
  readonly commitSeq: number | null
  /** The run that executed it last. */
  readonly run: string
  readonly undo: string
  readonly undoAttempt: number
  readonly undoError: string | null
  /** In whose body it was executed: place and generation. */
  readonly outer: string | null
  readonly approval: ApprovalState | null
}

export interface ApprovalState {
  readonly status: string
  /** Which arguments it is about. */
  readonly args: number
  /** What was requested, where a human edited it. */
  readonly original: string | null
  readonly expiresAt: number | null
}
