/** What the model and the store are both told to do. Handles and claims are numbered, 0 is the newest. */
export type Action =
  | { readonly kind: 'open'; readonly owner: number; readonly run: RunName; readonly retry: boolean }
  | { readonly kind: 'open-child'; readonly parent: number; readonly retry: boolean }
  | { readonly kind: 'claim'; readonly handle: number; readonly key: KeyName; readonly attempts: number }
  | { readonly kind: 'commit'; readonly claim: number; readonly outcome: OutcomeName }
  | {
      readonly kind: 'resolve'
      readonly claim: number
      readonly resolution: 'takeover' | 'applied' | 'not_applied' | 'unknown'
      /** Who takes over, if somebody does. */
      readonly handle: number
      /** Decides about an epoch that has passed. */
      readonly stale: boolean
    }
  | { readonly kind: 'close'; readonly handle: number; readonly to: 'closing' | 'released' | 'completed' | 'failed' }
  | { readonly kind: 'halt'; readonly handle: number }
  | { readonly kind: 'cancel'; readonly run: RunName }
  | { readonly kind: 'renew'; readonly owner: number }
  | { readonly kind: 'check'; readonly handle: number }
  | { readonly kind: 'advance'; readonly ms: number }

export const RUN_NAMES = ['one', 'two', 'child'] as const
export type RunName = (typeof RUN_NAMES)[number]

/** `scope` is a key that all runs share. */
export const KEY_NAMES = ['own', 'scope'] as const
export type KeyName = (typeof KEY_NAMES)[number]

export const OUTCOME_NAMES = [
  'succeeded',
  'succeeded otherwise',
  'not_applied',
  'assumed',
  'unknown',
  'retry after assumed',
  'retry after doubt',
] as const
export type OutcomeName = (typeof OUTCOME_NAMES)[number]

export const OWNERS = 3
export const LEASE_MS = 1_000

/** Where an effect's key is unique: in a run, or in the scope that all share. */
export function placeOf(run: RunName, key: KeyName): string {
  return key === 'scope' ? 'scope' : `${run}/${key}`
}

/** The item of that number; counts round and round. */
export function recent<Item>(items: readonly Item[], number: number): Item {
  return items.at(-1 - (number % items.length)) as Item
}

/** The result that the n-th action writes if it writes one. */
export function resultOf(action: number): string {
  return `"result of action ${action}"`
}

/** What an execution says when it succeeds: the same each time it is asked. */
export function resultOfClaim(place: string, generation: number, epoch: number): string {
  return `"result of ${place} ${generation}, epoch ${epoch}"`
}

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
  /** Kind and effect of each, in order. */
  readonly entries: readonly string[]
}

export interface EffectState {
  readonly generation: number
  readonly status: string
  readonly epoch: number
  readonly attempt: number
  readonly certainty: string | null
  readonly result: string | null
  /** The run that executed it last. */
  readonly run: string
}
