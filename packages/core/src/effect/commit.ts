import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { errorBody, serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { Claimed, CommitEffect, EffectCommitted, EffectOutcome } from '../store/effect-verbs.ts'
import type { Certainty } from '../store/records.ts'
import type { Transaction } from '../tool/tool-definition.ts'
import { crashPoint } from '../util/crash-point.ts'
import { recordAnswer } from './answers.ts'
import { eventOf, type Invocation, type Outcome, shownErrorOf, type ToolCall } from './invocation.ts'
import { successOf } from './success.ts'

type Failure = Extract<Outcome, { kind: 'error' }>

/**
 * Records a success. The caller gets the value as later callers will: through the codec. `failed`: the tool's own
 * `commit` threw, both were rolled back, and so the attempt has failed.
 */
export async function commitValue(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  value: unknown,
): Promise<Outcome | { readonly failed: { readonly kind: 'error'; readonly error: unknown } }> {
  const { tool } = invocation
  const { outcome, released } = successOf(invocation, value)
  const userCommit = userCommitOf(invocation, value)
  try {
    await commit(invocation, body, claim, outcome, userCommit)
  } catch (error) {
    if (userCommit === null || !(error instanceof UserCommitFailed)) throw error
    return { failed: { kind: 'error', error: rolledBack(tool, error.cause) } }
  }
  crashPoint('after-commit')
  const { id: effect, generation } = claim
  const answer: Outcome = outcome.kept
    ? { kind: 'value', value: released, body: outcome.result, effect, generation }
    : { kind: 'error', error: released, effect, generation, body: null }
  if (!claim.plain) recordAnswer(invocation, 'generation', answer)
  emit(invocation, claim, 'effect-succeeded')
  return answer
}

/** The tool's own rows, for whichever transaction records that the effect succeeded. */
export function userCommitOf({ tool, args }: ToolCall, value: unknown): CommitEffect['userCommit'] {
  const { commit: write } = tool
  return write === undefined ? null : guarded((transaction) => write(transaction as Transaction, value, args))
}

export function outcomeOfError(error: unknown, certainty: Certainty): EffectOutcome {
  return { kind: 'failed', error: errorBody(error), certainty }
}

/** Counts the attempt that follows, durably, before it starts. */
export async function commitRetry(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  error: unknown,
  certainty: Certainty,
): Promise<number> {
  await commit(invocation, body, claim, { kind: 'retry', error: errorBody(error), certainty }, null)
  return claim.attempt + 1
}

/** Records a failure; `unanswered`: the agent does not get to see it, because another generation follows. */
export async function commitFailure(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  error: unknown,
  certainty: Certainty,
  unanswered?: 'unanswered',
): Promise<Failure> {
  await commit(invocation, body, claim, outcomeOfError(error, certainty), null)
  crashPoint('after-commit')
  const failure = failureOf(claim, error)
  if (unanswered === undefined && !invocation.run.gaveUp()) recordAnswer(invocation, 'failure', failure)
  const { events } = invocation.run.context
  if (events.hasListeners('effect-failed'))
    events.emit('effect-failed', { ...eventOf(invocation, claim), error: shownErrorOf(invocation, error), certainty })
  return failure
}

/** Records that nobody knows. */
export async function commitUnknown(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  error: unknown,
): Promise<Failure> {
  await commit(invocation, body, claim, { kind: 'unknown', error: errorBody(error) }, null)
  crashPoint('after-commit')
  return failureOf(claim, error)
}

async function commit(
  invocation: Invocation,
  body: LiveBody,
  claim: Claimed,
  outcome: EffectOutcome,
  userCommit: CommitEffect['userCommit'],
): Promise<void> {
  const { run } = invocation
  const { store, clock } = run.context
  const request = {
    run: run.ref,
    id: claim.id,
    epoch: claim.epoch,
    outcome,
    userCommit,
    at: clock.now(),
  }
  crashPoint('before-commit')
  let answer: EffectCommitted
  try {
    answer = await store.commitEffect(request)
    body.isRecorded = outcome.kind !== 'retry'
  } catch (error) {
    if (!StoreUnavailableError.isInstance(error)) throw error
    body.isRecorded = true
    return notRecorded(invocation, error, () => store.commitEffect({ ...request, outcome: withoutNext(outcome) }))
  }
  if (answer.kind !== 'committed') await takenOver(invocation, answer)
}

/** The outcome is what happened, whoever acts for the run now; but if that is somebody else, this process must stop. */
async function takenOver({ run }: Invocation, answer: EffectCommitted): Promise<void> {
  const check = await run.context.store.checkRun(run.ref)
  if (check.kind === 'refused') throw run.refusal(check)
  if (answer.kind === 'evidence') return
  const error = new LeaseLostError({ runId: run.id })
  await run.halt(error)
  throw error
}

/** No attempt follows in a run that an outage stops: then this one was the last. */
function withoutNext(outcome: EffectOutcome): EffectOutcome {
  if (outcome.kind !== 'retry') return outcome
  const { error, certainty } = outcome
  return certainty === 'in_doubt' ? { kind: 'unknown', error } : { kind: 'failed', error, certainty }
}

/** The body ran and the store is out of reach: the outcome is kept and recorded when it is back. */
async function notRecorded(
  { run, tool }: Invocation,
  error: StoreUnavailableError,
  retry: () => Promise<unknown>,
): Promise<void> {
  run.keepOutcome(async () => {
    await retry()
  })
  if (tool.onOutage === 'allow') return run.unprotected({ kind: 'effect', name: tool.name, failed: false }, error)
  await run.halt(error)
  throw error
}

/** Without a body nothing else can have happened; after one, its deed stands while its rows do not. */
function rolledBack(tool: Invocation['tool'], cause: unknown): unknown {
  const message = `The commit of '${tool.name}' threw, and its rows were rolled back: ${serializeError(cause).message}`
  return tool.execute === undefined ? new NotAppliedError(message, { cause }) : new CommitRolledBack(message, { cause })
}

/** In doubt by its name, see certainty.ts: the body ran. */
class CommitRolledBack extends Error {
  override readonly name = 'CommitAbortError'
}

/** Tells what the user's callback threw from what the store threw. */
class UserCommitFailed extends Error {
  constructor(cause: unknown) {
    super("The tool's commit threw; its rows and the effect's commit were rolled back.", { cause })
  }
}

function guarded(userCommit: (transaction: unknown) => unknown): (transaction: unknown) => unknown {
  return (transaction) => {
    try {
      return userCommit(transaction)
    } catch (error) {
      throw new UserCommitFailed(error)
    }
  }
}

function failureOf(claim: Claimed, error: unknown): Failure {
  return { kind: 'error', error, effect: claim.id, generation: claim.generation, body: errorBody(error) }
}

function emit(invocation: Invocation, claim: Claimed, name: 'effect-succeeded'): void {
  const { events } = invocation.run.context
  if (events.hasListeners(name)) events.emit(name, eventOf(invocation, claim))
}
