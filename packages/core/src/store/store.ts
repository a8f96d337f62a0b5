import type { Clock } from '../util/clock.ts'
import type { CallStore } from './call-verbs.ts'
import type { DecisionStore } from './decision-verbs.ts'
import type { EffectStore } from './effect-verbs.ts'
import type { MoneyStore } from './money-verbs.ts'
import type { ReadStore } from './read-verbs.ts'
import type { RunStore } from './run-verbs.ts'

/** How much is synced to disk before a verb answers. See design: write-ahead. */
export type Durability = 'full' | 'balanced' | 'fast'

/** `auto` creates and upgrades tables, `check` refuses a database that is behind, `off` trusts it. */
export type MigrateMode = 'auto' | 'check' | 'off'

/** What a ledger tells the store it opens. */
export interface StoreSettings {
  readonly clock: Clock
  readonly durability: Durability
  readonly migrate: MigrateMode
  /** A number in [0, 1) for the jitter of retries. */
  readonly random: () => number
  /** The store's own retries of a verb that met an outage: how many, and the first pause. */
  readonly retries: { readonly attempts: number; readonly initialMs: number }
  readonly warn: (message: string) => void
}

/** What `sqlite(path)` returns: a recipe. Nothing is opened before the first verb. */
export interface StoreSource {
  readonly kind: string
  /** What an error or a demo shows a person: a path or an address without secrets. */
  readonly location: string
  open(settings: StoreSettings): Store
}

/**
 * The store contract: verbs that decide. Each verb is one transaction; its answer is a discriminated
 * union that the caller obeys. Verbs issued together share a transaction (the combiner). Every write of
 * a state is one conditional UPDATE, and the entry that tells of a change is in the change's transaction.
 * Bodies are text: JSON as the value codec writes it, or `~<codec id>~<base64>` once a codec encrypts them.
 * An unreachable store rejects with `StoreUnavailableError`; nothing else is thrown for what a verb decides.
 */
export interface Store extends RunStore, EffectStore, DecisionStore, CallStore, MoneyStore, ReadStore {
  readonly kind: string
  readonly location: string
  /** The same object for every Store of one file or pool in this process: leases are renewed once for it. */
  readonly identity: object
  /**
   * Says that a caller is between two verbs (a body runs, a model is asked), so that the combiner knows
   * whether others are in flight: alone, a verb is flushed at once. Returns what ends it.
   */
  enter(): () => void

  migrate(): Promise<void>
  /** Flushes what is queued; the last user of a shared connection closes it. Idempotent. */
  close(): Promise<void>
}
