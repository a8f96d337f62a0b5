import { runView } from '../audit/run-view.ts'
import { canBeAsked, settleDoubt } from '../compensation/settle-doubt.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { RunInProgressError } from '../errors/run-in-progress-error.ts'
import { closeAbandoned } from '../run/close-abandoned.ts'
import { detachedScope } from '../run/detached-scope.ts'
import { finishCompensation } from '../run/finish-compensation.ts'
import type { EffectRecord, RunRecord } from '../store/records.ts'
import type { SweepRuns, SweptRun } from '../store/run-verbs.ts'
import { TOOL_SPEC } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { crashPoint } from '../util/crash-point.ts'
import type { RecoverOptions, Recovery } from './recovery.ts'
import { hasAgent, resumeRun } from './resume-run.ts'

const PAGE = 200
/** The one place where a recovery's defaults live. */
export const RECOVER_DEFAULTS: { readonly limit: number; readonly deadlineMs: number } = Object.freeze({
  limit: 1_000,
  deadlineMs: Number.POSITIVE_INFINITY,
})

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] extends readonly (infer Item)[] ? Item[] : T[Name] }

/** A recovery in progress. */
interface Recovering {
  readonly context: LedgerContext
  readonly options: RecoverOptions
  readonly until: number
  readonly done: Mutable<Recovery>
  seen: number
}

/**
 * Clears up after processes that died: what they left in the middle is unknown from now on, reconcile hooks are asked,
 * compensations that had begun are gone through. It never decides the fate of a run that was going on: those are resumed
 * by their registered agents, or named as `resumable`. It may be killed at any point and called again, and several may
 * run at once. Throws `ConfigError` for options that are wrong.
 */
export async function recover(context: LedgerContext, options: RecoverOptions = {}): Promise<Recovery> {
  checkOptions(options)
  const recovering: Recovering = {
    context,
    options,
    until: context.clock.monotonic() + (options.deadlineMs ?? RECOVER_DEFAULTS.deadlineMs),
    done: {
      ...{ expired: 0, resolved: 0, holdsCharged: 0, complete: true },
      compensated: [],
      abandoned: [],
      resumed: [],
      resumable: [],
      blocked: [],
    },
    seen: 0,
  }
  recovering.done.holdsCharged = (await context.store.expireHolds(context.clock.now())).charged
  for (const what of ['urgent', 'idle'] as const) {
    let after: number | null = 0
    while (after !== null && mayGoOn(recovering)) after = await recoverPage(recovering, what, after)
  }
  return recovering.done
}

/** Recovers one page of runs; answers where the next begins. */
async function recoverPage(recovering: Recovering, what: SweepRuns['what'], after: number): Promise<number | null> {
  const { context, options, done } = recovering
  const limit = Math.min(PAGE, (options.limit ?? RECOVER_DEFAULTS.limit) - recovering.seen)
  const { runs, next } = await context.store.sweepRuns({ what, after, limit, at: context.clock.now() })
  crashPoint('after-sweep')
  for (const swept of runs) {
    if (!mayGoOn(recovering)) return null
    if (what === 'idle' || isToDoHere(context, swept)) recovering.seen++
    done.expired += swept.expired
    await recoverRun(recovering, swept)
  }
  return next
}

function mayGoOn({ context, options, until, seen, done }: Recovering): boolean {
  const may = context.clock.monotonic() < until && seen < (options.limit ?? RECOVER_DEFAULTS.limit)
  if (!may) done.complete = false
  return may
}

async function recoverRun(recovering: Recovering, swept: SweptRun): Promise<void> {
  const { done } = recovering
  const { run } = swept
  try {
    if (run.status === 'compensating') return await compensate(recovering, run)
    for (const effect of swept.unknown) if (await resolve(recovering, run, effect)) done.resolved++
    if (run.parentSeq !== null || !canGoOn(swept)) return
    if (isAbandoned(recovering, swept)) return await abandon(recovering, run)
    if (!hasAgent(recovering.context, run)) return void done.resumable.push(runView(run, recovering.context.redact))
    await resume(recovering, run)
  } catch (error) {
    // What stands in the way of one run is no reason to leave the others.
    if (!isElsewhere(error)) done.blocked.push({ runId: run.id, error })
  }
}

/** Not so where it has ended and nobody here can say what is not known of it: such runs may pile up, and use up no limit. */
function isToDoHere(context: LedgerContext, { run, unknown }: SweptRun): boolean {
  return run.status === 'compensating' || unknown.some((effect) => toolToAsk(context, effect) !== undefined)
}

/** Somebody else goes on with it: they had it already, or took it over from here. */
function isElsewhere(error: unknown): boolean {
  return RunInProgressError.isInstance(error) || LeaseLostError.isInstance(error)
}

/** Dead, or waiting for nothing any more. A child goes on when its parent does. */
function canGoOn({ run, pending }: SweptRun): boolean {
  return run.dead || (run.status === 'waiting' && pending === 0)
}

async function compensate({ context, done }: Recovering, { id }: RunRecord): Promise<void> {
  const outcome = await finishCompensation(context, id, 'dead')
  if (outcome.kind === 'done') done.compensated.push({ runId: id, status: outcome.status })
}

/** True if somebody knows what became of the effect by now. */
async function resolve({ context }: Recovering, run: RunRecord, effect: EffectRecord): Promise<boolean> {
  const tool = toolToAsk(context, effect)
  return tool !== undefined && (await settleDoubt(detachedScope(context, run), tool, effect)) === 'settled'
}

/** One that is not known here is asked elsewhere. */
function toolToAsk({ tools }: LedgerContext, { tool: name }: EffectRecord): ToolSpec<unknown, unknown> | undefined {
  const tool = tools.get(name)?.[TOOL_SPEC] as ToolSpec<unknown, unknown> | undefined
  return tool !== undefined && canBeAsked(tool) ? tool : undefined
}

function isAbandoned({ context, options: { abandoned } }: Recovering, { run, lastAt }: SweptRun): boolean {
  return abandoned !== undefined && run.dead && context.clock.now() - lastAt > abandoned.olderThanMs
}

async function abandon({ context, options, done }: Recovering, run: RunRecord): Promise<void> {
  const { undone, error } = await closeAbandoned(context, run, options.abandoned?.then ?? 'keep')
  done.abandoned.push(run.id)
  if (undone !== undefined) done.compensated.push({ runId: run.id, status: undone.status })
  if (error !== undefined) done.blocked.push({ runId: run.id, error })
}

async function resume({ context, done }: Recovering, { id }: RunRecord): Promise<void> {
  try {
    await resumeRun(context, id)
    done.resumed.push({ runId: id })
  } catch (error) {
    // Somebody else goes on with it.
    if (!RunInProgressError.isInstance(error)) done.resumed.push({ runId: id, error })
  }
}

function checkOptions(options: RecoverOptions): void {
  checkOptionNames('recover', options, ['limit', 'deadlineMs', 'abandoned'])
  const { limit, deadlineMs, abandoned } = options
  if (limit !== undefined && !(limit > 0)) throw new ConfigError('recover: limit must be above 0; nothing was done.')
  if (deadlineMs !== undefined && !(deadlineMs > 0))
    throw new ConfigError('recover: deadlineMs must be above 0; nothing was done.')
  if (abandoned === undefined) return
  checkOptionNames('recover: abandoned', abandoned, ['olderThanMs', 'then'])
  if (!(abandoned.olderThanMs >= 0))
    throw new ConfigError('recover: abandoned.olderThanMs must be a number of milliseconds; nothing was done.')
  if (abandoned.then !== 'compensate' && abandoned.then !== 'keep')
    throw new ConfigError("recover: abandoned.then must be 'compensate' or 'keep'; nothing was done.")
}
