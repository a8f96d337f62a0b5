import { droppedHash, wasDropped } from '../codec/dropped-value.ts'
import { recordedError } from '../codec/recorded-error.ts'
import { decodeValue } from '../codec/value-codec.ts'
import { ApprovalDeniedError } from '../errors/approval-denied-error.ts'
import { EffectFailedError } from '../errors/effect-failed-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { reviveError } from '../errors/revive.ts'
import type { RecordedAnswer } from '../lane/lane-record.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { AnswerRecord, EffectRecord } from '../store/records.ts'
import { conflict, isConflict } from './conflict.ts'
import { type Invocation, keyText, type Outcome } from './invocation.ts'

/** The outcome that an earlier execution was given here; undefined when what is recorded cannot answer. */
export async function serve(invocation: Invocation, recorded: RecordedAnswer): Promise<Outcome | undefined> {
  const answer = recorded.kind === 'answer' ? recorded.answer : undefined
  if (answer?.kind === 'read') return servedBody(invocation, answer.id, answer)
  const { generation } = recorded.kind === 'answer' ? recorded.answer : recorded.effect
  if (answer?.failed !== true) return servedEffect(invocation, generation)
  if (invocation.keyed.onOtherArgs === 'conflict') await findGeneration(invocation, generation)
  return servedBody(invocation, answer.id, answer)
}

async function servedBody(
  { run, tool }: Invocation,
  id: number,
  answer: Omit<AnswerRecord, 'body'>,
): Promise<Outcome | undefined> {
  const body = await run.context.store.readAnswer(id)
  if (body === null && isDropped(run, answer)) throw wasDropped()
  // A read whose value could not be stored is read again.
  if (body === null) return undefined
  const { effect, generation } = answer
  if (!answer.failed) return { kind: 'value', value: decodeValue(body), body, effect, generation }
  const error = failure(tool.name, keyText({ ownerSeq: run.ref.seq, key: answer.key }), body)
  return { kind: 'error', error, body, effect, generation }
}

/** A read whose value could not be stored has no body either; but nothing is dropped before its run is over. */
function isDropped({ mode }: RunScope, { recordLevel }: Omit<AnswerRecord, 'body'>): boolean {
  return recordLevel === 'hash' && mode === 'records'
}

async function servedEffect(invocation: Invocation, generation: number): Promise<Outcome | undefined> {
  const effect = await findGeneration(invocation, generation)
  return effect === undefined ? undefined : fromRecord(effect)
}

/**
 * Not fenced: what is on record may be told by anyone, and starts nothing. Throws `IdempotencyConflictError` for what
 * the caller's key stands for with other arguments.
 */
async function findGeneration(invocation: Invocation, generation: number): Promise<EffectRecord | undefined> {
  const { run, keyed } = invocation
  const { store } = run.context
  const ownerSeq = keyed.owner.kind === 'run' ? run.ref.seq : await store.readScope(keyed.owner.name)
  if (ownerSeq === null) return undefined
  for (const key of keyed.keys) {
    const all = await store.readEffect(ownerSeq, key)
    const found = all.find((effect) => effect.generation === generation)
    if (found === undefined) continue
    if (isConflict(invocation, found.argsHash)) throw await conflict(invocation, keyText(found))
    return found
  }
  return undefined
}

/** What a settled effect answers; undefined if it has no outcome. Throws `ConfigError` for one that was dropped (`record: 'hash'`). */
export function fromRecord(effect: EffectRecord): Outcome | undefined {
  const { id, generation } = effect
  if (effect.status === 'failed' && effect.error !== null) {
    const error = failure(effect.tool, keyText(effect), effect.error)
    return { kind: 'error', error, body: effect.error, effect: id, generation }
  }
  const isOver = effect.status === 'succeeded' || effect.status === 'failed'
  if (isOver && droppedHash(effect.args) !== undefined) throw wasDropped()
  if (effect.status !== 'succeeded') return undefined
  if (!effect.resultKept || effect.result === null)
    return { kind: 'error', error: notKept(effect), body: null, effect: id, generation }
  return { kind: 'value', value: decodeValue(effect.result), body: effect.result, effect: id, generation }
}

/** A denial is none of the tool's failures, and is again what it was. */
function failure(tool: string, key: string, body: string): Error {
  const original = recordedError(body)
  if (original.holdfast === ApprovalDeniedError.code) return reviveError(original)
  return new EffectFailedError({ tool, key, original })
}

function notKept(effect: EffectRecord): NotSerializableError {
  return new NotSerializableError({
    path: '',
    reason: 'it could not be stored when the effect succeeded',
    message: `"${effect.tool}" succeeded earlier (${keyText(effect)}), but its result could not be stored, so it cannot be given back. It was not run again. Return plain data from the tool.`,
  })
}
