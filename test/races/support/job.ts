/** What a racer is to do when it hears `go`. */
export interface Job {
  readonly kind: 'same-keys' | 'one-run' | 'migrate'
  /** The ledger's file. */
  readonly path: string
  /** Where bodies append a line each time they run. */
  readonly log: string
  /** In what order to ask for the same effects. */
  readonly orders: readonly number[]
}

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'inside' }
  | { readonly kind: 'results'; readonly results: readonly unknown[] }
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'in-progress'; readonly runId: string }
  | { readonly kind: 'migrated' }
  | { readonly kind: 'failed'; readonly error: string }
