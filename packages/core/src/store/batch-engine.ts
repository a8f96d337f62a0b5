/** What a combiner needs of an engine whose verbs run synchronously. */
export interface BatchEngine {
  /** Makes the engine ready, which may be busy or fail like any verb. Cheap when it is. */
  ready(): void
  /** Opens a write transaction that will be synced to disk as `level` says. */
  begin(level: number): void
  commit(): void
  /** Ends what is left of the transaction. Never throws. */
  rollback(): void
  savepoint(): void
  release(): void
  /** Throws if the engine itself has thrown the transaction away. */
  rollbackToSavepoint(): void
  /** `busy` and `outage` may pass; anything else is the verb's own failure. */
  judge(error: unknown): 'busy' | 'outage' | 'failure'
  /** The error that the caller of the verb gets. */
  explain(error: unknown, operation: string, retries: number): unknown
}

/** One unit of work that must be in a transaction, or in none of one. */
export interface Verb<T> {
  readonly operation: string
  /** How much is synced before it answers; a batch takes the highest of its verbs. */
  readonly level: number
  /** Roughly what it writes, for the limit of a batch. */
  readonly bytes: number
  /** True when nothing else may share its transaction. */
  readonly alone: boolean
  readonly retries: { readonly attempts: number; readonly initialMs: number }
  readonly run: () => T
}

export interface BatchLimits {
  readonly maxVerbs: number
  readonly maxBytes: number
  /** How long a verb waits for another process's lock. */
  readonly busyMs: number
}
