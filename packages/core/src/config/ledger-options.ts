import { type Codec, codecList } from '../codec/codec.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { Durability, MigrateMode, StoreSource } from '../store/store.ts'
import { checkWait } from '../tool/check-wait.ts'
import type { AnyTool } from '../tool/tool.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import { type Usd, usd } from '../usd.ts'
import type { Clock } from '../util/clock.ts'
import type { Ids } from '../util/ids.ts'
import { checkLimits } from './check-limits.ts'
import { checkScopes } from './check-scopes.ts'
import type { ScopeLimits } from './limit-settings.ts'
import type { Limits, OneOrMany } from './limits.ts'
import { checkMoneyOptions, type MoneyOptions } from './money-options.ts'
import type { Redact } from './redact.ts'
import { checkSession } from './scope-names.ts'

/** An agent that is registered by name. */
// biome-ignore lint/suspicious/noExplicitAny: what a run is, is said further up
export type RegisteredAgent = (run: any) => unknown

/** What `createLedger` takes; everything has a default, and code wins over the environment. */
export interface LedgerOptions extends MoneyOptions {
  /** @default from HOLDFAST_DB_URL or DATABASE_URL, else sqlite('./.holdfast/ledger.db') */
  readonly store?: StoreSource
  /** A living ledger of this name is reconfigured, not doubled (hot reload); its store, codec, durability and migrate stay. */
  readonly name?: string
  /** Id of the scope `session:<id>`. @default HOLDFAST_SESSION, else new per ledger */
  readonly session?: string
  /**
   * What all that this ledger does may use: limits on the scope `session:<session>`. Without any, calls outside of runs
   * share the dollars of HOLDFAST_BUDGET; `{}` says that there is no limit. @default none
   */
  readonly limits?: OneOrMany<Limits>
  /**
   * Limits on other scopes, by name or pattern: `ledger` (everything ever), `user:ann`, `user:*` (each user its own).
   * They stay in force until they are set to something else. @default none
   */
  readonly scopes?: ScopeLimits
  /** Tools by name, for work in a fresh process: compensations and reconcile hooks. */
  readonly tools?: readonly AnyTool[]
  /** Agents by the name of their runs, for resuming them in a fresh process. */
  readonly agents?: Readonly<Record<string, RegisteredAgent>>
  /** What becomes of a write without a compensation: it executes, needs an approval, or is refused. @default 'allow' */
  readonly irreversible?: 'allow' | 'approve' | 'refuse'
  /** Encrypts what is stored. The first writes; the others can still read what they wrote before a rotation. */
  readonly codec?: Codec | readonly [Codec, ...Codec[]]
  /** Masks every value that is shown in views, events, entries and exports. Execution does not see the mask. */
  readonly redact?: Redact
  /** Results, arguments, outputs and answers above this many UTF-8 bytes are refused. @default 1_048_576 */
  readonly maxValueBytes?: number
  /** `allow`: model calls and reads go on, unprotected, while the store is out of reach. @default 'block' */
  readonly onOutage?: 'block' | 'allow'
  /** What a tool called outside any run does; `pass` runs its body unprotected and says so. @default 'throw' */
  readonly onNoRun?: 'throw' | 'pass'
  /** A request to a provider that is none we know, through a guarded client: it passes with an event, or is refused. @default 'pass' */
  readonly unmetered?: 'pass' | 'refuse'
  /** A model call of a resumed run that is not in the record, with recorded writes after it. @default 'halt' */
  readonly onResumeMismatch?: 'halt' | 'live'
  /** @default 'balanced' */
  readonly durability?: Durability
  /** @default 'auto' on SQLite */
  readonly migrate?: MigrateMode
  /** How to wait for effects and runs that are in progress elsewhere. */
  readonly wait?: WaitOptions
  /** How long after its owner's last sign of life a run may be taken over. @default 60_000 */
  readonly leaseMs?: number
  /** How long a body that was told to stop may take before its outcome is called unknown. @default 5_000 */
  readonly graceMs?: number
  /** Serverless: gets every promise that outlives a response (`after` of next/server, `ctx.waitUntil`). */
  readonly waitUntil?: (promise: Promise<unknown>) => void
  readonly clock?: Clock
  readonly ids?: Ids
}

/** Options whose default is a plain value, and what the environment may set. */
type LedgerDefaults = Readonly<
  Required<
    Pick<
      LedgerOptions,
      | 'maxValueBytes'
      | 'onOutage'
      | 'onNoRun'
      | 'unmetered'
      | 'onResumeMismatch'
      | 'durability'
      | 'migrate'
      | 'leaseMs'
      | 'graceMs'
      | 'irreversible'
      | 'unknownPrice'
      | 'unboundedCalls'
    >
  >
> & {
  readonly wait: Required<WaitOptions>
  readonly storeRetries: number
  readonly storeRetryMs: number
  readonly looseBudget: Usd
}

/** The one place where a ledger's defaults live. */
export const LEDGER_DEFAULTS: LedgerDefaults = Object.freeze({
  maxValueBytes: 1_048_576,
  onOutage: 'block',
  onNoRun: 'throw',
  unmetered: 'pass',
  onResumeMismatch: 'halt',
  durability: 'balanced',
  migrate: 'auto',
  leaseMs: 60_000,
  graceMs: 5_000,
  irreversible: 'allow',
  storeRetries: 3,
  storeRetryMs: 100,
  looseBudget: usd(1),
  unknownPrice: 'refuse',
  unboundedCalls: 'refuse',
  wait: Object.freeze({ timeoutMs: 30_000, initialMs: 50, maxMs: 1_000, factor: 1.5, jitter: 0.3, onBusy: 'wait' }),
})

const KNOWN: readonly (keyof LedgerOptions)[] = [
  'store',
  'name',
  'session',
  'limits',
  'scopes',
  'prices',
  'tokenizer',
  'unknownPrice',
  'unboundedCalls',
  'waitForBudget',
  'tools',
  'agents',
  'irreversible',
  'codec',
  'redact',
  'maxValueBytes',
  'onOutage',
  'onNoRun',
  'unmetered',
  'onResumeMismatch',
  'durability',
  'migrate',
  'wait',
  'leaseMs',
  'graceMs',
  'waitUntil',
  'clock',
  'ids',
]

const CHOICES = {
  onOutage: ['block', 'allow'],
  onNoRun: ['throw', 'pass'],
  unmetered: ['pass', 'refuse'],
  onResumeMismatch: ['halt', 'live'],
  durability: ['full', 'balanced', 'fast'],
  migrate: ['auto', 'check', 'off'],
  irreversible: ['allow', 'approve', 'refuse'],
  unknownPrice: ['refuse', 'assume', 'allow'],
} as const

/** Throws `ConfigError` for an option that is wrong, or that there is not. */
export function checkLedgerOptions(options: LedgerOptions): void {
  checkOptionNames('createLedger', options, KNOWN)
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const value = options[name as keyof typeof CHOICES]
    if (value !== undefined && !(allowed as readonly string[]).includes(value)) {
      throw new ConfigError(`createLedger: ${name} is '${String(value)}'; it must be one of ${allowed.join(', ')}.`)
    }
  }
  checkWait('createLedger: wait', options.wait)
  if (options.session !== undefined) checkSession('createLedger: session', options.session)
  if (options.limits !== undefined) checkLimits('createLedger: limits', options.limits, 'session')
  if (options.scopes !== undefined) checkScopes('createLedger: scopes', options.scopes)
  checkMoneyOptions('createLedger', options)
  if (options.codec !== undefined) codecList('createLedger', options.codec)
  if (options.redact !== undefined && typeof options.redact !== 'function')
    throw new ConfigError('createLedger: `redact` must be a function such as redactFields([…]). Nothing was opened.')
  if (options.store !== undefined && typeof (options.store as Partial<StoreSource> | null)?.open !== 'function')
    throw new ConfigError(
      "createLedger: `store` must be a store such as sqlite('./agents.db') or memory(). Nothing was opened.",
    )
  for (const name of ['maxValueBytes', 'leaseMs', 'graceMs'] as const) {
    const value = options[name]
    if (value !== undefined && !(value > 0)) throw new ConfigError(`createLedger: ${name} must be a number above 0.`)
  }
}
