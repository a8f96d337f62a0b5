import { recordedError } from '../codec/recorded-error.ts'
import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { canonicalJson } from '../effect/canonical-json.ts'
import { childRunId } from '../effect/key.ts'
import { ConfigError } from '../errors/config-error.ts'
import { DivergenceError } from '../errors/divergence-error.ts'
import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { reviveError } from '../errors/revive.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import { RunInProgressError } from '../errors/run-in-progress-error.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { Lane } from '../lane/lane.ts'
import type { RunRecord, RunRef } from '../store/records.ts'
import type { OpenRun, RunOpened } from '../store/run-verbs.ts'
import { assertNever } from '../util/assert-never.ts'
import { sha256, sha256Hex } from '../util/hash.ts'
import type { Enclosing } from './enclosing.ts'
import { letGo } from './ending.ts'
import { endingsOf, loopsOf, storedOptions } from './endings.ts'
import { finishCompensation } from './finish-compensation.ts'
import { waitForEnd } from './join-run.ts'
import { recordWhatIsLeft } from './record-afterwards.ts'
import { Run } from './run.ts'
import { RunCore } from './run-core.ts'
import { checkRunOptions, type RunOptions } from './run-options.ts'
import { declareScopes, type OpenedFor, scopesOfRun } from './scopes-of-run.ts'
import { storedError } from './stored-error.ts'
import { openUnprotected } from './unprotected-run.ts'

/** A run to act in, or the output that it had. */
export type OpenedRun =
  | { readonly kind: 'open'; readonly core: RunCore }
  | { readonly kind: 'completed'; readonly output: unknown }

/**
 * Opens, resumes or answers a run. Throws the stored error of one that failed, `RunInProgressError` for one that is
 * executed elsewhere, `IdempotencyConflictError` for an id that was given another input.
 */
export async function openRun(
  context: LedgerContext,
  options: RunOptions,
  parent: Enclosing | undefined,
  openedFor: OpenedFor = 'run',
): Promise<OpenedRun> {
  checkRunOptions(options)
  options.signal?.throwIfAborted()
  parent?.core.assertOpen(parent.body)
  parent?.core.answers.flush()
  const request = openRequest(context, options, parent, openedFor)
  if (parent?.core.mode === 'records') return fromRecords(context, request.id, parent)
  if (parent?.core.outage !== undefined)
    return { kind: 'open', core: openUnprotected(context, request, parent, parent.core.outage) }
  try {
    await declareScopes(context, options, request, openedFor)
    const opened = await context.store.openRun(request)
    void recordWhatIsLeft(context.store)
    return await decide(context, options, parent, request, opened)
  } catch (error) {
    if (context.onOutage !== 'allow' || !StoreUnavailableError.isInstance(error)) throw error
    return { kind: 'open', core: openUnprotected(context, request, parent, error) }
  }
}

function openRequest(
  context: LedgerContext,
  options: RunOptions,
  parent: Enclosing | undefined,
  openedFor: OpenedFor,
): OpenRun {
  const input = options.input === undefined ? null : encodeValue(options.input, context.maxValueBytes)
  const inputJson = input === null ? '' : canonicalJson(JSON.parse(input))
  const id = options.id ?? (parent === undefined ? context.ids() : derivedId(options, parent, inputJson))
  parent?.lane.reachChild(id)
  const thread = options.thread ?? parent?.core.thread ?? null
  return {
    id,
    name: options.name ?? null,
    thread,
    ...scopesOfRun(context, options, { thread }, parent, openedFor),
    input,
    inputHash: input === null ? null : sha256(inputJson),
    tags: options.tags ?? [],
    options: storedOptions(options),
    parent:
      parent === undefined ? null : { run: parent.core.ref, lane: parent.lane.id, effect: parent.body?.effect ?? null },
    leaseMs: context.leaseMs,
    shared: options.shared ?? false,
    // What a retried parent, or the next attempt of a body, is to do otherwise may be what its child did.
    retry: options.retry ?? (parent?.core.how === 'retried' || (parent?.body?.attempt ?? 1) > 1),
    at: context.clock.now(),
  }
}

/** The same child of a resumed parent gets the same id: by name, input and its number among equal ones in the lane. */
function derivedId(options: RunOptions, { core, lane }: Enclosing, inputJson: string): string {
  const name = options.name ?? 'run'
  // By its hash: the lane remembers every key for as long as it lives, and an input may be large.
  const ordinal = lane.nextOrdinal(`child:${sha256Hex(JSON.stringify([name, inputJson]))}`)
  return childRunId(core.id, lane.id, name, inputJson, ordinal)
}

async function decide(
  context: LedgerContext,
  options: RunOptions,
  parent: Enclosing | undefined,
  request: OpenRun,
  opened: RunOpened,
): Promise<OpenedRun> {
  switch (opened.kind) {
    case 'opened':
      return { kind: 'open', core: await makeCore(context, options, parent, opened, request) }
    case 'ended':
      return ended(context, { ...options, id: request.id }, await undone(context, options, opened.run, parent), parent)
    case 'running': {
      if (options.join !== true) throw inProgress(context, opened)
      const ended = await waitForEnd(context, request.id, options.signal)
      // Its owner died or let it go meanwhile: whoever joined goes on with it.
      return ended === undefined
        ? openRun(context, { ...options, id: request.id }, parent)
        : fromEnded(context, ended, parent)
    }
    case 'conflict':
      throw new IdempotencyConflictError({ key: request.id })
    case 'unlimited':
      throw unlimited(request.id, opened.scope)
    case 'refused':
      throw parent === undefined ? new RunCanceledError({ runId: opened.runId }) : parent.core.refusal(opened)
    default:
      return assertNever(opened)
  }
}

async function ended(
  context: LedgerContext,
  options: RunOptions,
  run: RunRecord,
  parent: Enclosing | undefined,
): Promise<OpenedRun> {
  if (startsAfresh(options, parent, run)) return openRun(context, { ...options, retry: true }, parent)
  return fromEnded(context, run, parent)
}

/**
 * A saga that was undone because the run above was aborted, which goes on now: it begins again. Anybody else who asks for
 * a run that was undone gets its error.
 */
function startsAfresh({ retry }: RunOptions, parent: Enclosing | undefined, run: RunRecord): boolean {
  const wasUndone = run.status === 'compensated' || run.status === 'failed'
  return retry === undefined && parent?.core.how === 'resumed' && run.aborted && wasUndone
}

/** A run that is being compensated is undone before it answers: here, if nobody else is at it. */
async function undone(
  context: LedgerContext,
  options: RunOptions,
  run: RunRecord,
  parent: Enclosing | undefined,
): Promise<RunRecord> {
  if (run.status !== 'compensating') return run
  const outcome = await finishCompensation(context, run.id, 'dead', parent?.core)
  if (outcome.kind !== 'running') return (await context.store.readRun(run.id)) ?? run
  // What goes on with the run above waits for whoever undoes this one: to fail for that would undo the rest.
  if (options.join !== true && parent === undefined) throw inProgress(context, outcome)
  const over = await waitForEnd(context, run.id, options.signal)
  return over ?? undone(context, options, run, parent)
}

function inProgress(
  { clock }: LedgerContext,
  opened: Pick<Extract<RunOpened, { kind: 'running' }>, 'run' | 'lease'>,
): RunInProgressError {
  const { remainingMs } = opened.lease
  const facts = { runId: opened.run.id }
  return new RunInProgressError(
    Number.isFinite(remainingMs) ? { ...facts, leaseUntil: clock.now() + remainingMs } : facts,
  )
}

function unlimited(id: string, scope: string): ConfigError {
  const colon = scope.indexOf(':')
  const pattern = colon < 0 ? scope : `${scope.slice(0, colon)}:*`
  return new ConfigError(
    `run '${id}' names the scope '${scope}', on which no limits are set, so nothing would be counted there. Nothing was opened. Declare it: createLedger({ scopes: { '${pattern}': { budget: usd(5) } } }), or '${scope}': {} if it is not to be limited.`,
  )
}

type Opened = Extract<RunOpened, { kind: 'opened' }>

async function makeCore(
  context: LedgerContext,
  options: RunOptions,
  parent: Enclosing | undefined,
  opened: Opened,
  { sessionScopes = [] }: OpenRun,
): Promise<RunCore> {
  const { run: record, ref, how } = opened
  const endings = endingsOf(options, record)
  const loopLayers = [...loopsOf(options, record), ...(parent?.core ?? context).loopLayers]
  const said = { endings, sessionScopes, loopLayers }
  const facts = { context, record, ref, how, mode: 'live', parent: parent?.core, ...said } as const
  const root = await rootLane(context, opened).catch(async (error: unknown) => {
    await giveBack(new RunCore({ ...facts, root: new Lane('') }))
    throw error
  })
  const core = new RunCore({ ...facts, root })
  new Run(core)
  if (record.halt !== null) core.stopBecause(reviveError(recordedError(record.halt)))
  core.opened()
  context.events.emit('run-opened', { runId: record.id, how, attempt: record.attempt })
  return core
}

/** A run that is opened and cannot be executed, because its records are out of reach: whoever asks next may have it. */
async function giveBack(core: RunCore): Promise<void> {
  new Run(core)
  core.opened()
  // What is told is why it could not be executed; an end that finds no store is kept and tried again.
  await letGo(core).catch(() => undefined)
}

/** A resumed run is served what it recorded; a retried one without the failure that ended it; a shared one nothing. */
async function rootLane({ store }: LedgerContext, { how, ref }: Opened): Promise<Lane> {
  if (how === 'resumed') return new Lane('', await store.readLane(ref.seq, ''))
  if (how !== 'retried') return new Lane('')
  const reopened = await store.reopenLane(ref, '')
  if (reopened.kind === 'refused') throw new LeaseLostError({ runId: reopened.runId })
  return new Lane('', reopened.history)
}

/** What a run that has ended answers: its output, or its error; or, where the output was not kept, its records. */
async function fromEnded(context: LedgerContext, run: RunRecord, parent: Enclosing | undefined): Promise<OpenedRun> {
  if (run.status === 'completed' && run.outputKept) {
    return { kind: 'completed', output: run.output === null ? undefined : decodeValue(run.output) }
  }
  if (run.status !== 'completed') throw await storedError(context, run)
  const ref: RunRef = {
    seq: run.seq,
    epoch: run.epoch,
    rootSeq: run.rootSeq,
    ancestors: parent?.core.ref.ancestors ?? [],
  }
  const root = new Lane('', await context.store.readLane(run.seq, ''))
  const facts = { context, record: run, ref, how: 'resumed', root, mode: 'records', parent: parent?.core } as const
  const loopLayers = [...loopsOf({}, run), ...(parent?.core ?? context).loopLayers]
  const core = new RunCore({ ...facts, endings: endingsOf({}, run), loopLayers })
  new Run(core)
  return { kind: 'open', core }
}

async function fromRecords(context: LedgerContext, id: string, parent: Enclosing): Promise<OpenedRun> {
  const run = await context.store.readRun(id)
  if (run !== null && run.endedAt !== null) return fromEnded(context, run, parent)
  const position = parent.lane.callsSeen
  throw new DivergenceError({
    runId: parent.core.id,
    path: `run ${id}`,
    expected: 'no such child run',
    actual: id,
    position,
  })
}
