import type { CloseRun } from '../../run-verbs.ts'

/**
 * What the model and the store are both told to do. Handles, claims, effects and undoings are numbered, 0 is the newest.
 * `asksMs` are the terms of an approval: null for none, 0 for a question that stays open, else how long it does.
 */
export type Action =
  | { readonly kind: 'open'; readonly owner: number; readonly run: RunName; readonly retry: boolean }
  | { readonly kind: 'open-child'; readonly parent: number; readonly retry: boolean; readonly inside: boolean }
  | ClaimAction
  | { readonly kind: 'commit'; readonly claim: number; readonly outcome: OutcomeName }
  | ResolveAction
  | { readonly kind: 'close'; readonly handle: number; readonly to: CloseRun['to'] }
  | { readonly kind: 'halt'; readonly handle: number }
  | { readonly kind: 'cancel'; readonly run: RunName }
  | { readonly kind: 'renew'; readonly owner: number }
  | { readonly kind: 'check'; readonly handle: number }
  | { readonly kind: 'sweep'; readonly owner: number }
  | { readonly kind: 'request'; readonly effect: number; readonly args: Variant; readonly asksMs: number }
  | DecideAction
  | OpenUndoAction
  | { readonly kind: 'read-undo'; readonly run: RunName }
  /** What a driver that keeps to the documented order would do now. */
  | { readonly kind: 'undo-next'; readonly handle: number }
  | { readonly kind: 'undo'; readonly handle: number; readonly effect: number; readonly stale: boolean }
  | {
      readonly kind: 'commit-undo'
      readonly undoing: number
      readonly outcome: UndoOutcomeName
      /** By somebody who lost it to somebody else, who is at it. */
      readonly late: boolean
    }
  | { readonly kind: 'finish'; readonly handle: number; readonly to: 'over' | 'released'; readonly listed: boolean }
  /** Reads what was told since the last time. */
  | { readonly kind: 'tail' }
  | { readonly kind: 'die'; readonly owner: number }
  | { readonly kind: 'advance'; readonly ms: number }

/** What is done to an effect, or to undo one. */
export type EffectAction = Exclude<
  Action,
  {
    kind: 'open' | 'open-child' | 'close' | 'halt' | 'cancel' | 'renew' | 'check' | 'sweep' | 'tail' | 'die' | 'advance'
  }
>

export interface ClaimAction {
  readonly kind: 'claim'
  readonly handle: number
  readonly key: KeyName
  readonly attempts: number
  readonly args: Variant
  readonly asksMs: number | null
  /** Brings the approval of the generation before. */
  readonly carries: boolean
  readonly byHand: boolean
  /** In the body of what the same handle claimed last. */
  readonly inside: boolean
  /** Nobody takes it over. */
  readonly endless: boolean
}

export interface ResolveAction {
  readonly kind: 'resolve'
  readonly effect: number
  readonly resolution: 'takeover' | 'applied' | 'not_applied' | 'unknown' | 'compensated'
  /** Who takes over, if somebody does. */
  readonly handle: number
  readonly by: 'policy' | 'reconcile' | 'human'
  readonly args: Variant
  readonly asksMs: number | null
  /** Decides about an epoch that has passed. */
  readonly stale: boolean
}

export interface DecideAction {
  readonly kind: 'decide'
  readonly effect: number
  readonly decision: 'approve' | 'deny' | 'cancel'
  readonly overrule: boolean
  readonly edits: boolean
}

export interface OpenUndoAction {
  readonly kind: 'open-undo'
  readonly owner: number
  readonly run: RunName
  readonly which: 'dead' | 'any'
  /** Whoever asks is in this run. */
  readonly within: number | null
}

/** `leaf` is only ever opened inside of `child`, and `child` alone or inside of one of the others. */
export const RUN_NAMES = ['one', 'two', 'child', 'leaf'] as const
export type RunName = (typeof RUN_NAMES)[number]

/** `scope` is a key that all runs share. `outer` undoes what happened inside its body too; `plain` cannot be undone. */
export const KEY_NAMES = ['own', 'outer', 'plain', 'scope'] as const
export type KeyName = (typeof KEY_NAMES)[number]
export const UNDO_OF = { own: 'own', outer: 'inner', plain: 'none', scope: 'own' } as const
/** Other arguments under the same key are refused, or marked. */
export const ON_OTHER_ARGS = { own: 'mark', outer: 'mark', plain: 'conflict', scope: 'mark' } as const

/** Two sets of arguments that a key may be used with. */
export type Variant = 0 | 1
/** What a human puts in their place. */
export const EDITED = '"edited"'

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

export const UNDO_OUTCOMES = ['compensated', 'failed', 'failed otherwise', 'retry'] as const
export type UndoOutcomeName = (typeof UNDO_OUTCOMES)[number]

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

export function argsOf(variant: Variant): string {
  return `{"variant":${variant}}`
}

/** The result that the n-th action writes if it writes one. */
export function resultOf(action: number): string {
  return `"result of action ${action}"`
}

/** What an execution says when it succeeds: the same each time it is asked. */
export function resultOfClaim(place: string, generation: number, epoch: number): string {
  return `"result of ${place} ${generation}, epoch ${epoch}"`
}

/** What a compensation says when it fails. */
export function undoErrorOf(outcome: 'failed' | 'failed otherwise'): string {
  return JSON.stringify({ name: 'Error', message: outcome, fields: {} })
}
