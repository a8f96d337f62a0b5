import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { errorBody } from '../errors/serialize.ts'
import type { EffectCommitted, EffectOutcome, Resolution } from '../store/effect-verbs.ts'
import type { Certainty, EffectRecord, EffectStatus, RunRef } from '../store/records.ts'
import { TOOL_SPEC } from '../tool/tool.ts'
import { parseEffectKey } from '../util/effect-key-text.ts'
import { certaintyOf } from './certainty.ts'
import { type Success, storedSuccess } from './success.ts'

/** What a human, or another system, found out about an effect whose outcome nobody knew. */
export type EffectDecision = {
  /** Who says so; kept in the log. */
  readonly by?: string
  readonly reason?: string
} & (
  | { readonly outcome: 'applied'; readonly result?: unknown }
  | { readonly outcome: 'not_applied' }
  /** Somebody undid outside what its compensation could not. */
  | { readonly outcome: 'compensated' }
)

/** What became of an effect that another process began. */
export type EffectResult =
  | { readonly outcome: 'succeeded'; readonly result?: unknown }
  | { readonly outcome: 'failed'; readonly error: unknown; readonly certainty?: Certainty }

/**
 * Settles an effect that is unknown, that its owner left behind when it died, or whose failure is only assumed to have
 * had no effect; or (`compensated`) one that could not be compensated. Throws `ConfigError` for a key that is not known, or of which there is nothing to say.
 */
export async function resolveByHand(context: LedgerContext, key: string, decision: EffectDecision): Promise<void> {
  checkWord(decision.outcome, ['applied', 'not_applied', 'compensated'])
  const effect = await newest(context, key)
  // Whether the owner of one that is being processed is gone is for the store to say.
  const wanted = decision.outcome === 'compensated' ? 'compensation_failed' : 'unknown'
  if (wanted === 'unknown' ? !mayBeInDoubt(effect) : effect.status !== wanted)
    throw new ConfigError(
      `effect ${key} is ${effect.status}, not ${wanted}: there is nothing to resolve, and nothing was changed.`,
    )
  const resolution: Resolution =
    decision.outcome === 'applied'
      ? { ...successByHand(context, effect, decision.result), kind: 'applied' }
      : { kind: decision.outcome }
  const note = JSON.stringify({ by: decision.by ?? null, reason: decision.reason ?? null })
  const { id, epoch } = effect
  const answer = await context.store.resolveEffect({
    id,
    epoch,
    resolution,
    by: 'human',
    note,
    at: context.clock.now(),
  })
  if (answer.kind === 'lost') throw notResolved(key, answer.effect.status)
}

/** One that was executed before a human was asked whether it may be again is as unknown as it was. */
function mayBeInDoubt({ status, certainty, attempt }: EffectRecord): boolean {
  if (status === 'requires_approval' || status === 'ready') return attempt > 0
  return status === 'unknown' || status === 'processing' || (status === 'failed' && certainty === 'assumed')
}

/** What the effect's tool keeps of the result is kept here too, if this ledger has the tool. */
function successByHand(
  context: LedgerContext,
  { tool: name, runId, recordLevel }: EffectRecord,
  result: unknown,
): Success {
  const tool = context.tools.get(name)?.[TOOL_SPEC]
  return storedSuccess(context, { tool, runId, level: recordLevel }, result)
}

/** A word that comes from a form or another system must not be taken for its opposite. */
function checkWord(word: string, words: readonly string[]): void {
  if (words.includes(word)) return
  const said = words.map((one) => `'${one}'`).join(' or ')
  throw new ConfigError(`'${word}' says nothing of what became of an effect; nothing was changed. Say ${said}.`)
}

function notResolved(key: string, status: EffectStatus): ConfigError {
  if (status === 'processing')
    return new ConfigError(
      `effect ${key} is being processed, and its owner is not known to be dead: there is nothing to resolve, and nothing was changed. Wait for it, or cancel its run.`,
    )
  return new ConfigError(`effect ${key} was resolved by somebody else meanwhile: it is ${status}. Nothing was changed.`)
}

/** Commits an effect on behalf of whoever began it; refused (`lost`) unless the epoch is still the effect's. */
export async function commitByHand(
  context: LedgerContext,
  key: string,
  epoch: number,
  result: EffectResult,
): Promise<{ readonly kind: EffectCommitted['kind'] }> {
  checkWord(result.outcome, ['succeeded', 'failed'])
  if (result.outcome === 'failed' && result.certainty !== undefined)
    checkWord(result.certainty, ['not_applied', 'in_doubt', 'assumed'])
  const effect = await newest(context, key)
  const run = await refOf(context, effect)
  const outcome = outcomeOf(context, effect, result)
  const answer = await context.store.commitEffect({
    run,
    id: effect.id,
    epoch,
    outcome,
    userCommit: null,
    at: context.clock.now(),
  })
  return { kind: answer.kind }
}

function outcomeOf(context: LedgerContext, effect: EffectRecord, result: EffectResult): EffectOutcome {
  if (result.outcome === 'succeeded') return successByHand(context, effect, result.result)
  const certainty = result.certainty ?? certaintyOf(result.error)
  const error = errorBody(result.error)
  return certainty === 'in_doubt' ? { kind: 'unknown', error } : { kind: 'failed', error, certainty }
}

/** The newest generation of a key. Throws `ConfigError` if there is none. */
export async function newest({ store }: LedgerContext, text: string): Promise<EffectRecord> {
  const parsed = parseEffectKey(text)
  const effect = parsed === undefined ? undefined : (await store.readEffect(parsed.ownerSeq, parsed.key)).at(-1)
  if (effect === undefined)
    throw new ConfigError(
      `no effect has the key '${text}'; nothing was changed. Take the key from ledger.effects.list or from the error.`,
    )
  return effect
}

async function refOf({ store }: LedgerContext, effect: EffectRecord): Promise<RunRef> {
  const run = await store.readRun(effect.runSeq)
  if (run === null)
    throw new ConfigError(`effect ${effect.tool} belongs to a run that is no longer there; nothing was changed.`)
  const ancestors = await Promise.all(
    run.path.map(async (seq) => ({ seq, epoch: (await store.readRun(seq))?.epoch ?? 0 })),
  )
  return { seq: run.seq, epoch: run.epoch, rootSeq: run.rootSeq, ancestors }
}
