import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Certainty, RecordLevel } from '../store/records.ts'
import type { Backoff } from '../util/backoff.ts'

/** What a body is told about the effect that it is. */
export interface EffectContext {
  readonly runId: string
  /** The effect's public key: what `ledger.effects.get` takes. */
  readonly key: string
  /** The downstream form: hand it to the outside system. The same while the outcome is in doubt, a new one after. */
  readonly idempotencyKey: string
  /** Counts executions of this generation, from 1, over all processes. */
  readonly attempt: number
  readonly generation: number
  /** The fencing number: raised by each takeover. */
  readonly epoch: number
  /** Aborted when the lease or the run is lost, the run is canceled, or `timeoutMs` is over. */
  readonly signal: AbortSignal
  /** Renews the lease now and says whether it is still held. A live process renews by itself. */
  heartbeat(): Promise<boolean>
}

/** What a compensation is told. Its `idempotencyKey` is its own, and the same however often it is repeated. */
export interface CompensationContext extends EffectContext {
  /** What the effect gave; undefined if that could not be kept. A compensation that is named as a tool finds it here. */
  readonly result: unknown
  /** What the tool's `keep` kept of the result. */
  readonly kept: unknown
}

/** When and how a human is asked before the effect executes. */
export interface ApprovalOptions<Args> {
  /** Whether these arguments need one; a throw means yes. @default always */
  readonly when?: (args: Args) => boolean | Promise<boolean>
  /** Whose word counts: `ledger.approvals` alone, or the answer that a framework's client gives. @default 'ledger' */
  readonly from?: 'ledger' | 'client'
  /** How long the question stays open; then it is asked anew. @default for ever */
  readonly expiresMs?: number
  /** Shown to whoever decides. */
  readonly reason?: string
  /** Waits in place for the decision instead of letting the run go. @default false */
  readonly block?: boolean
}

/** What asking the outside about an unknown outcome came to. */
export type Reconciliation<Result> =
  | { readonly kind: 'applied'; readonly result: Result }
  | { readonly kind: 'not_applied' }
  | { readonly kind: 'unknown' }

/** Asks the outside what really happened. A throw means that nobody knows yet. */
export type Reconcile<Args, Result> = (
  args: Args,
  context: EffectContext,
) => Reconciliation<Result> | Promise<Reconciliation<Result>>

/** Names the thing that an effect is about, instead of its arguments. */
export interface Resource {
  readonly namespace: string
  readonly type: string
  readonly id: string | number | Readonly<Record<string, string | number>>
}

export interface RetryOptions {
  /** Counts the first try too. @default 1 */
  readonly attempts?: number
  /** @default { initialMs: 200, maxMs: 10_000, factor: 2, jitter: 0.3 } */
  readonly backoff?: Partial<Backoff>
  /**
   * In a saga or plan: what a failure after the last attempt means. `run`: the saga fails and is compensated; `tool`: this
   * step has failed, and the others go on. @default 'run'
   */
  readonly scope?: 'run' | 'tool'
  /** Which errors to try again. @default all but those that are known to have had no effect, and 429 */
  readonly when?: (error: unknown) => boolean
}

/** How long and how patiently to wait for an effect that somebody else is doing. */
export interface WaitOptions {
  /** @default 30_000 */
  readonly timeoutMs?: number
  /** @default 50 */
  readonly initialMs?: number
  /** @default 1_000 */
  readonly maxMs?: number
  /** @default 1.5 */
  readonly factor?: number
  /** @default 0.3 */
  readonly jitter?: number
  /** @default 'wait' */
  readonly onBusy?: 'wait' | 'throw'
}

/** A transaction of the store's own database; on SQLite prepared statements of its connection. */
export type Transaction = {
  prepare(sql: string): {
    run(...values: unknown[]): unknown
    get(...values: unknown[]): unknown
    all(...values: unknown[]): unknown[]
  }
}

/**
 * A type that the body decides. While `execute` is not inferred yet (its context parameter has no type of its own) it
 * is not known, and the other members must not rule the definition out.
 */
// biome-ignore lint/suspicious/noExplicitAny: what is not inferred yet must be assignable both ways
type Known<T> = unknown extends T ? any : NoInfer<T>
type KeyOf<Args> = unknown extends Args ? PropertyKey : keyof NoInfer<Args>

/** Everything about a tool but its body and its schema. */
export interface ToolPolicy<Args, Result> {
  /** Shown to a model. */
  readonly description?: string
  /** JSON Schema of the arguments, shown to a model. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /**
   * Runs inside the transaction of the effect's commit, so that these rows and the effect commit together.
   * On SQLite it must be synchronous. A throw rolls both back.
   */
  readonly commit?: (transaction: Transaction, result: Known<Result>, args: Known<Args>) => void
  /**
   * Undoes the effect when its run fails: a function of the result, or the name of a tool that is called with the forward
   * arguments (the result is `context.result`). It may be repeated after a crash, under one idempotency key of its own.
   * The tool's `retry`, `timeoutMs` and `leaseMs` hold for it too.
   */
  readonly compensate?: ((result: Known<Result>, args: Known<Args>, context: CompensationContext) => unknown) | string
  /** `'inner'`: the compensation also undoes the effects that were performed inside this one's body. */
  readonly covers?: 'inner'
  /** What the compensation needs of the result, kept also where the result itself cannot be, or is not to be, stored. */
  readonly keep?: (result: Known<Result>) => unknown
  /** Whether a human has to approve before the effect executes; asked on every way to execution. A throw means yes. */
  readonly approval?: boolean | ((args: Known<Args>) => boolean | Promise<boolean>) | ApprovalOptions<Known<Args>>
  /**
   * How much of arguments and results is shown in views, events and exports. `'hash'` drops them when the run is over
   * and nothing needs them any more. @default 'full'
   */
  readonly record?: RecordLevel
  /** A read runs every time, is recorded, and is served from the record on resume. @default 'write' */
  readonly effect?: 'write' | 'read'
  /** Within what the same key is the same effect. Wider than a run needs `key`, `keys` or `resource`. @default 'run' */
  readonly once?: 'run' | 'thread' | 'ledger'
  /** The n-th call with the same key is an effect of its own. @default false */
  readonly repeatable?: boolean
  /** Makes the key. Other arguments under the same key are an `IdempotencyConflictError`. */
  readonly key?: (args: Known<Args>) => unknown
  /** The arguments that make the key; others may differ. */
  readonly keys?: readonly KeyOf<Args>[]
  /** What the effect is about makes the key; arguments may differ. */
  readonly resource?: (args: Known<Args>) => Resource
  /** Former names of this tool, whose keys stay valid. */
  readonly was?: readonly string[]
  /**
   * What to do about an outcome that nobody knows: stop the run; run it again under the same downstream key
   * (declares that safe); or ask. @default 'halt'
   */
  readonly onUnknown?: 'halt' | 'retry' | Reconcile<Known<Args>, Known<Result>>
  /** How long the outside honours a downstream key, from the first attempt: later, `'retry'` halts. @default 82_800_000 (23 h) */
  readonly downstreamKeyTtlMs?: number
  /**
   * Overrides what a thrown error says about the outside; `undefined` leaves it to the rules. `'not_applied'` speaks for
   * all attempts under the same downstream key: say it only of an answer that the outside would not give if an earlier
   * attempt had got through.
   */
  readonly certainty?: (error: unknown) => Certainty | undefined
  /** Declares the tool safe to repeat under one downstream key, and how often. */
  readonly retry?: RetryOptions
  /** Aborts the body's signal. @default 600_000 (10 min) */
  readonly timeoutMs?: number
  /** How long after its owner's last sign of life the effect may be taken over; `Infinity` = never. @default 60_000 */
  readonly leaseMs?: number
  /** `'allow'` lets a write run unprotected while the store is out of reach. @default 'block' */
  readonly onOutage?: 'block' | 'allow'
  /** How to wait for an effect that is in progress already, in this process or elsewhere. */
  readonly wait?: WaitOptions
}

type Execute<Args, Result> = (args: Args, context: EffectContext) => Result | Promise<Result>

/** A tool whose argument type is the body's own. */
export interface ToolDefinition<Name extends string, Args, Result> extends ToolPolicy<Args, Result> {
  readonly name: Name
  readonly inputSchema?: undefined
  readonly execute: Execute<Args, Result>
}

/** A tool whose arguments are checked and typed by any Standard Schema (zod, valibot, arktype …). */
export interface SchemaToolDefinition<Name extends string, Schema extends StandardSchemaV1, Result>
  extends ToolPolicy<StandardSchemaV1.InferOutput<Schema>, Result> {
  readonly name: Name
  readonly inputSchema: Schema
  readonly execute: Execute<StandardSchemaV1.InferOutput<Schema>, Result>
}

/** An effect that is nothing but rows in the store's own database: it happened if and only if it is committed. */
export interface CommitToolDefinition<Name extends string, Args> extends Omit<ToolPolicy<Args, undefined>, 'commit'> {
  readonly name: Name
  readonly inputSchema?: undefined
  readonly execute?: undefined
  readonly commit: (transaction: Transaction, result: undefined, args: Args) => void
}

/** An instance with these members; methods are called on it, and the class's name is the default name. */
export interface ToolObject<Args, Result> extends Omit<ToolPolicy<Args, Result>, never> {
  readonly name?: string
  execute(args: Args, context: EffectContext): Result | Promise<Result>
}
