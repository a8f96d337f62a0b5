/** What a spending process is to do when it hears `go`. */
export interface SpendingJob {
  /** The ledger's file. */
  readonly path: string
  readonly providerUrl: string
  /** Its number: its run, its calls and its choices are named after it. */
  readonly worker: number
  readonly seed: number
  /** So many calls at once. */
  readonly calls: number
  readonly scopes: readonly string[]
  readonly leaseMs: number
  /** All calls are alike, with this cap on their output. @default each is of its own random size */
  readonly maxTokens?: number
}

/** What became of a process's calls. */
export interface Spent {
  readonly answered: number
  readonly refused: number
  /** Anything else that was thrown. */
  readonly errors: readonly string[]
}

export type SpendingWord = { readonly kind: 'ready' | 'refused' } | ({ readonly kind: 'spent' } & Spent)

/** USD for a million tokens: whole nano-USD for each, so that sums are exact by hand. */
export const PRICE = { input: 1, output: 2, per: 1_000_000 } as const
const NANO_PER_INPUT_TOKEN = 1_000
const NANO_PER_OUTPUT_TOKEN = 2_000

export function costNano(usage: { readonly prompt_tokens: number; readonly completion_tokens: number }): number {
  return usage.prompt_tokens * NANO_PER_INPUT_TOKEN + usage.completion_tokens * NANO_PER_OUTPUT_TOKEN
}
