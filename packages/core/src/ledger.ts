import { decide } from './approval/decide-approval.ts'
import { getApproval } from './approval/find-approval.ts'
import type { LedgerApprovals } from './approval/ledger-approvals.ts'
import { pendingApprovals } from './approval/pending-approvals.ts'
import type { CallView } from './audit/call-view.ts'
import { exportRun } from './audit/export-run.ts'
import { type CallListQuery, getCall, listCalls } from './audit/list-calls.ts'
import { findEffects, getEffect, getEffectHistory, listEffects } from './audit/list-effects.ts'
import { getRun, listRuns } from './audit/list-runs.ts'
import { type TailEntry, type TailQuery, tailEntries } from './audit/tail-entries.ts'
import { type Verification, verifyLedger } from './audit/verify-ledger.ts'
import { type LedgerScopes, limitScope, listScopeLimits } from './budget/ledger-scopes.ts'
import { readUsage } from './budget/usage-view.ts'
import type { CallHow } from './call/call-how.ts'
import type { CallContext, CallRequest } from './call/call-request.ts'
import { type ChargeCorrected, type ChargeCorrection, correctCharge } from './call/correct-charge.ts'
import { readEnvironment } from './config/environment.ts'
import type { LedgerContext } from './config/ledger-context.ts'
import type { LedgerEventName, LedgerListener } from './config/ledger-events.ts'
import { checkLedgerOptions, type LedgerOptions as LedgerSettings } from './config/ledger-options.ts'
import { makeContext } from './config/make-context.ts'
import { commitByHand, resolveByHand } from './effect/by-hand.ts'
import { requestApproval } from './effect/request-approval.ts'
import { ConfigError } from './errors/config-error.ts'
import type { LoopGuard } from './guard/loop-guard.ts'
import { recover } from './resume/recover.ts'
import type { RecoverOptions, Recovery } from './resume/recovery.ts'
import { resumeRun } from './resume/resume-run.ts'
import { cancelRun } from './run/cancel-run.ts'
import { compensateByHand } from './run/compensate-by-hand.ts'
import { type DefaultLedger, defaultLedgerIfAny, onDefaultLedger, useDefaultLedger } from './run/default-ledger.ts'
import { enclosing } from './run/enclosing.ts'
import type { LedgerEffects } from './run/ledger-effects.ts'
import type { LedgerRuns } from './run/ledger-runs.ts'
import { type LedgerLoops, loopsOutsideRuns } from './run/loops-outside-runs.ts'
import { callAnywhere } from './run/loose-call.ts'
import { openRun } from './run/open-run.ts'
import { openedRun } from './run/opened-run.ts'
import type { Run } from './run/run.ts'
import { type Agent, runAgent } from './run/run-agent.ts'
import type { RunOptions } from './run/run-options.ts'
import { passUnmetered, type UnmeteredRequest } from './run/unmetered-request.ts'
import { passWithoutRun } from './run/without-run.ts'
import { sealSource } from './store/sealed/seal-source.ts'
import { sqlite } from './store/sqlite/sqlite.ts'
import type { StoreSource } from './store/store.ts'
import { storeFromUrl } from './store/store-from-url.ts'
import type { AnyTool, PerformOptions } from './tool/tool.ts'
import type { ToolSpec } from './tool/tool-spec.ts'
import { sharedState } from './util/shared-state.ts'

const DEFAULT_PATH = './.holdfast/ledger.db'

export interface LedgerCalls {
  get(id: number): Promise<CallView | undefined>
  list(query?: CallListQuery): Promise<CallView[]>
}

/** Opens runs, and shows what they did. Made by `createLedger`; nothing is opened before its first use. */
export class Ledger implements AsyncDisposable, DefaultLedger {
  #context: LedgerContext
  #isClosed = false

  constructor(context: LedgerContext) {
    this.#context = context
  }

  /** Where the records are: a path, or an address without secrets. */
  get location(): string {
    return this.#context.store.location
  }

  /** The registered tools, by name. */
  get tools(): ReadonlyMap<string, AnyTool> {
    return this.#context.tools
  }

  /** Runs an agent: a new run, a resumed one, or the recorded answer of one that is completed. */
  run<T>(options: RunOptions, agent: Agent<T>): Promise<T>
  run<T>(agent: Agent<T>): Promise<T>
  run<T>(optionsOrAgent: RunOptions | Agent<T>, agent?: Agent<T>): Promise<T> {
    if (typeof optionsOrAgent === 'function') return runAgent(this.#context, {}, optionsOrAgent)
    if (agent === undefined) throw new ConfigError('ledger.run needs a function to run: ledger.run(options, agent).')
    return runAgent(this.#context, optionsOrAgent, agent)
  }

  /** Opens a run without a function around it; end it with `complete` or `fail`. */
  async open(options: RunOptions = {}): Promise<Run> {
    const opened = await openRun(this.#context, options, enclosing(this.#context, options.parent))
    if (opened.kind === 'open' && opened.core.mode !== 'records') return openedRun(opened.core, options.signal)
    throw new ConfigError(
      `run '${options.id}' is completed: there is nothing left to do in it. Use ledger.run, which answers its output, or another id.`,
    )
  }

  /** Goes on with a run by the agent that is registered under its name. */
  resume(runId: string): Promise<unknown> {
    return resumeRun(this.#context, runId)
  }

  /** Clears up after processes that died. Call it when a process starts, or from a cron job. */
  recover(options?: RecoverOptions): Promise<Recovery> {
    return recover(this.#context, options)
  }

  readonly runs: LedgerRuns = {
    get: (id) => getRun(this.#context, id),
    list: (query) => listRuns(this.#context, query),
    export: (id, options) => exportRun(this.#context, id, options),
    cancel: (id, reason) => cancelRun(this.#context, id, reason),
    compensate: (id) => compensateByHand(this.#context, id),
  }

  readonly effects: LedgerEffects = {
    get: (key) => getEffect(this.#context, key),
    history: (key) => getEffectHistory(this.#context, key),
    find: (search) => findEffects(this.#context, search),
    list: (query) => listEffects(this.#context, query),
    resolve: (key, decision) => resolveByHand(this.#context, key, decision),
    commit: (key, epoch, result) => commitByHand(this.#context, key, epoch, result),
  }

  readonly approvals: LedgerApprovals = {
    pending: (query) => pendingApprovals(this.#context, query),
    get: (key) => getApproval(this.#context, key),
    request: (key, options) => requestApproval(this.#context, key, options),
    approve: (key, options) => decide(this.#context, 'approve', key, options),
    deny: (key, options) => decide(this.#context, 'deny', key, options),
    cancel: (key, options) => decide(this.#context, 'cancel', key, options),
  }

  readonly calls: LedgerCalls = {
    get: (id) => getCall(this.#context, id),
    list: (query) => listCalls(this.#context, query),
  }

  readonly scopes: LedgerScopes = {
    usage: (scope) => readUsage(this.#context, scope),
    limit: (scope, limits) => limitScope(this.#context, scope, limits),
    list: (scope) => listScopeLimits(this.#context, scope),
  }

  readonly loops: LedgerLoops = {
    counts: () => loopsOutsideRuns(this.#context)?.counts() ?? [],
    reset: (name) => loopsOutsideRuns(this.#context)?.reset(name),
  }

  /** The audit log as it grows. */
  tail(query?: TailQuery): AsyncIterable<TailEntry> {
    return tailEntries(this.#context, this.#context.clock, query)
  }

  /** Recomputes what must hold over all records. */
  verify(): Promise<Verification> {
    return verifyLedger(this.#context.store)
  }

  /** Tells what happens as it happens; what a listener throws never reaches the agent. Returns what takes it back. */
  on<Name extends LedgerEventName>(name: Name, listener: LedgerListener<Name>): () => void {
    return this.#context.events.on(name, listener)
  }

  migrate(): Promise<void> {
    return this.#context.store.migrate()
  }

  /** True from the first call of `close` on: another ledger may take its name. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): Promise<void> {
    this.#isClosed = true
    return this.#context.store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** For tools that are called outside any run: what `onNoRun` says. */
  withoutRun(tool: ToolSpec<unknown, unknown>, args: unknown, options?: PerformOptions): Promise<unknown> {
    return passWithoutRun(this.#context, tool, args, options)
  }

  /** For adapters: a model call in the run that the async context is in; outside of any, as a small run of its own. */
  call<T>(request: CallRequest<T>, send: (call: CallContext) => Promise<T>, how?: CallHow<T>): Promise<T> {
    return callAnywhere(this.#context, request, send, how)
  }

  /**
   * For whoever reads what an earlier call used, such as the result of a batch: that takes the place of what the call was
   * charged, in whatever run and process it was made. The first reading that is complete stays. Throws `ConfigError` for
   * what is no reading, `StoreUnavailableError` where the store is out of reach: then ask again.
   */
  correct(correction: ChargeCorrection): Promise<ChargeCorrected> {
    return correctCharge(this.#context, correction)
  }

  /** For adapters: a request of unknown cost is about to be sent. Throws `UnmeteredRequestError` if this ledger refuses it. */
  unmetered(request: UnmeteredRequest): void {
    passUnmetered(this.#context, request)
  }

  /** For functions of `loopGuard` that are called outside any run: what this ledger remembers of them. */
  loopsOutsideRuns(): LoopGuard | undefined {
    return loopsOutsideRuns(this.#context)
  }

  /** For hot reload: a living ledger takes new options and keeps its store and listeners. */
  reconfigure(options: LedgerOptions): void {
    this.#context = contextOf(options, this.#context)
  }
}

/** What `createLedger` takes; everything has a default, and code wins over the environment. */
export interface LedgerOptions extends LedgerSettings {
  /** Agents by the name of their runs, for resuming them in a fresh process; what a run started from is `run.input`. */
  readonly agents?: Readonly<Record<string, Agent<unknown>>>
}

/** Makes a ledger. Throws `ConfigError` for options or `HOLDFAST_*` variables that are wrong. */
export function createLedger(options: LedgerOptions = {}): Ledger {
  checkLedgerOptions(options)
  if (options.name === undefined) return new Ledger(contextOf(options))
  const living = sharedState('named-ledgers', () => new Map<string, Ledger>())
  const known = living.get(options.name)
  if (known !== undefined && !known.isClosed) {
    known.reconfigure(options)
    return known
  }
  const ledger = new Ledger(contextOf(options))
  living.set(options.name, ledger)
  return ledger
}

function contextOf(options: LedgerOptions, living?: LedgerContext): LedgerContext {
  const environment = readEnvironment()
  const source = () => sealSource(options.store ?? defaultStore(environment.dbUrl()), options.codec)
  return makeContext(options, environment, source, living)
}

function defaultStore(url: string | undefined): StoreSource {
  return url === undefined ? sqlite(DEFAULT_PATH) : storeFromUrl(url)
}

onDefaultLedger(() => createLedger())

/** The ledger of everything that was given none: made from the environment when it is first asked for. */
export function defaultLedger(): Ledger {
  return defaultLedgerIfAny('make') as Ledger
}

/** Sets the default ledger of this process; `undefined` forgets it. */
export function setDefaultLedger(ledger: Ledger | undefined): void {
  useDefaultLedger(ledger)
}
