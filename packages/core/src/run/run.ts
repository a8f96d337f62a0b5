import type { Hold } from '../budget/hold.ts'
import type { HoldEstimate } from '../budget/hold-estimate.ts'
import { reserveByHand } from '../budget/reserve-by-hand.ts'
import type { Usage } from '../budget/usage-view.ts'
import type { CallHow } from '../call/call-how.ts'
import type { CallContext, CallRequest } from '../call/call-request.ts'
import { decodeValue } from '../codec/value-codec.ts'
import { beginEffect, type ManualClaim } from '../effect/manual.ts'
import { perform } from '../effect/perform.ts'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { RunHaltedError } from '../errors/run-halted-error.ts'
import { strandOf } from '../lane/strand-of.ts'
import { type AnyTool, type PerformOptions, TOOL_SPEC, type Tool } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { sharedState } from '../util/shared-state.ts'
import { type CallerPlace, callInRun } from './call-in-run.ts'
import { checkLoop } from './check-loop.ts'
import { endAborted, endCompleted, endFailed, letGo } from './ending.ts'
import { currentFrame, inFrame } from './frame.ts'
import { recordedValue } from './recorded-value.ts'
import type { RunCore } from './run-core.ts'
import { RunLoops } from './run-loops.ts'
import { usageOfRun } from './usage-of-run.ts'

/** On `globalThis`: a run may be the parent of one that another copy of this package opens. */
const cores = sharedState('run-cores', () => new WeakMap<Run, RunCore>())

/**
 * One turn of an agent: what it does happens once, is recorded, and is found again by the same id.
 *
 * Made by `ledger.run` and `ledger.open`. An opened run that is disposed of without `complete` or `fail` has failed; a
 * shared one, and one whose signal was aborted, is only let go.
 */
export class Run implements AsyncDisposable {
  readonly #core: RunCore
  readonly #waits = new Set<Promise<unknown>>()
  #output: { readonly value: unknown } | undefined

  /** For the ledger; use `ledger.run` or `ledger.open`. */
  constructor(core: RunCore) {
    this.#core = core
    cores.set(this, core)
    core.bind(this)
  }

  get id(): string {
    return this.#core.id
  }

  /** Counts the executions that `retry` opened, from 1. A resumed run is still in the same attempt. */
  get attempt(): number {
    return this.#core.record.attempt
  }

  get thread(): string | undefined {
    return this.#core.thread
  }

  /** What the run started from, as it was recorded; undefined if it was given nothing. */
  get input(): unknown {
    const { input } = this.#core.record
    return input === null ? undefined : decodeValue(input)
  }

  /** Aborted when the run is halted, canceled, lost to another process, or by its own `signal` option. */
  get signal(): AbortSignal {
    return this.#core.signal
  }

  /** What stopped the run, if anything did: also when the agent or its framework swallowed it. */
  get error(): Error | undefined {
    return this.#core.stop
  }

  /** Performs a tool as an effect: what calling it inside the run does. */
  perform<Input, Result, Args>(
    tool: Tool<string, Input, Result, Args>,
    args: Input,
    options?: PerformOptions,
  ): Promise<Result> {
    return perform(this.#place(), specOf(tool), args, options) as Promise<Result>
  }

  /**
   * Begins an effect whose body you run yourself: the answer says whether it is yours to do. A claim that is
   * disposed of, or left at the run's end, without `commit` or `fail` is unknown.
   */
  begin<Input, Result, Args>(
    tool: Tool<string, Input, Result, Args>,
    args: Input,
    options?: PerformOptions,
  ): Promise<ManualClaim<Result>> {
    return beginEffect(this.#place(), specOf(tool), args, options) as Promise<ManualClaim<Result>>
  }

  /** One model request of any client: recorded before its answer is released, and served again on resume. `how`: for adapters. */
  call<T, Request>(
    request: CallRequest<T, Request>,
    send: (call: CallContext<Request>) => Promise<T>,
    how?: CallHow<T>,
  ): Promise<T> {
    return callInRun(this.#place(), request, send as (call: CallContext) => Promise<T>, how)
  }

  /**
   * Puts aside what a call may cost that is made elsewhere, in all scopes of the run or in none; say with `hold.settle`
   * what it used. Throws `BudgetExceededError` and the like where a limit does not allow it.
   */
  reserve(estimate: HoldEstimate): Promise<Hold> {
    const { run, parent, final = false } = this.#place()
    return reserveByHand({ run, parent, final }, estimate)
  }

  /**
   * Lets an agent say goodbye: model calls within `work` go on although a limit on money, tokens or calls has halted the
   * run. They may spend its `finalReserve`, and one more call than its `calls`; of tokens there must be some left. Tools,
   * values and runs of their own stay refused, and so is what begins after `work` has ended: then the halt stands. A halt
   * for any other reason ends it, also one that comes later. Throws `ConfigError` for what is no function.
   */
  async final<T>(work: (run: Run) => T | Promise<T>): Promise<T> {
    if (typeof work !== 'function')
      throw new ConfigError('run.final needs a function to run: run.final(() => sayGoodbye()). Nothing was started.')
    const { lane, parent } = this.#place()
    const word = { isOpen: true }
    return inFrame({ run: this, lane, body: parent, final: word }, async () => work(this)).finally(() => {
      word.isOpen = false
    })
  }

  /**
   * Counts a call of a tool that is not performed here, so that its result is not known: for tools that a program executes
   * by itself. Throws `LoopDetectedError`, and halts the run, once there were too many in a row. What is performed next,
   * with the same arguments, is the call that was counted.
   */
  checkLoop(tool: string, args?: unknown): Promise<void> {
    return checkLoop(this.#core, this.#place(), tool, args)
  }

  /** What was called again and again of late. */
  get loops(): RunLoops {
    return new RunLoops(this.#core.loops, () => {
      const { lane, parent } = this.#place()
      return strandOf(lane, parent)
    })
  }

  /** What this run has used, with everything below it, and what is left in all scopes that it counts on. */
  usage(): Promise<Usage> {
    return usageOfRun(this.#core)
  }

  /** Something that is not deterministic: made once, and the same again on resume. */
  value<T>(name: string, make: () => T | Promise<T>): Promise<T> {
    return recordedValue(this.#place(), name, make)
  }

  async now(): Promise<Date> {
    const { clock } = this.#core.context
    return new Date(await recordedValue(this.#place(), 'now', () => clock.now(), { isLeaf: true }))
  }

  uuid(): Promise<string> {
    return recordedValue(this.#place(), 'uuid', this.#core.context.ids, { isLeaf: true })
  }

  /** Keeps the run open until the promise settles. */
  waitUntil(promise: Promise<unknown>): void {
    this.#core.assertOpen()
    const forget = () => {
      this.#waits.delete(settled)
    }
    const settled: Promise<void> = promise.then(forget, forget)
    this.#waits.add(settled)
  }

  /** Resolves when nothing keeps the run open any more. */
  async waited(): Promise<void> {
    while (this.#waits.size > 0) await Promise.all(this.#waits)
  }

  /** What a repeated run of this id will answer, instead of what the agent returns. */
  setOutput(output: unknown): void {
    this.#output = { value: output }
  }

  /** What is to be recorded as this run's output. */
  outputOr(returned: unknown): unknown {
    return this.#output === undefined ? returned : this.#output.value
  }

  /** Makes the run start nothing more, in any process. What is in flight goes on. */
  halt(reason: unknown): Promise<void> {
    return this.#core.halt(new RunHaltedError({ runId: this.id, reason }))
  }

  /** Ends an opened run well, once nothing keeps it open any more. Throws what stopped it, if anything did: then it has failed. */
  async complete(output?: unknown): Promise<void> {
    await this.waited()
    const problem = await endCompleted(this.#core, this.outputOr(output))
    if (problem !== undefined) throw problem
  }

  /**
   * Ends an opened run badly: what it did is compensated, unless its `onError` is to keep it. Throws
   * `CompensationFailedError` for what could not be.
   */
  async fail(error: unknown): Promise<void> {
    const problem = await endFailed(this.#core, error)
    if (CompensationFailedError.isInstance(problem)) throw problem
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const core = this.#core
    if (core.isEnded) return
    if (core.record.shared) return letGo(core)
    const error =
      core.stop ?? new RunHaltedError({ runId: this.id, reason: 'it was disposed of before it was completed' })
    const problem = await (core.isAborted ? endAborted(core, core.abortReason) : endFailed(core, error))
    if (CompensationFailedError.isInstance(problem)) throw problem
  }

  /** Inside this run: the lane and body of the current async context; from outside: the root. */
  #place(): CallerPlace {
    const frame = currentFrame()
    if (frame?.run !== this) return { run: this.#core, lane: this.#core.root, parent: null }
    return { run: this.#core, lane: frame.lane, parent: frame.body, final: frame.final?.isOpen === true }
  }
}

/** A run's core, also of a run that another copy of this package made. */
export function coreOf(run: Run): RunCore {
  const core = cores.get(run)
  if (core === undefined)
    throw new ConfigError('`parent` must be a Run, as an agent gets it from ledger.run or ledger.open.')
  return core
}

function specOf(tool: AnyTool): ToolSpec<unknown, unknown> {
  return tool[TOOL_SPEC] as ToolSpec<unknown, unknown>
}
