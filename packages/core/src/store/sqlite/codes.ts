import { HOLD_STATUSES, type HoldStatus } from '../limit-records.ts'
import {
  ANSWER_KINDS,
  type AnswerKind,
  APPROVAL_SOURCES,
  APPROVAL_STATUSES,
  type ApprovalSource,
  type ApprovalStatus,
  CALL_STATUSES,
  type CallStatus,
  type Certainty,
  EFFECT_STATUSES,
  type EffectStatus,
  ENTRY_KINDS,
  type EntryKind,
  RECORD_LEVELS,
  type RecordLevel,
  RUN_STATUSES,
  type RunStatus,
  UNDO_KINDS,
  type UndoKind,
} from '../records.ts'

// What is stored is the index into the array: only ever append to those arrays.
const CERTAINTIES = ['not_applied', 'in_doubt', 'assumed'] as const satisfies readonly Certainty[]

/** The stored integer of each word. */
export const RUN_CODE: Readonly<Record<RunStatus, number>> = codesOf(RUN_STATUSES)
export const EFFECT_CODE: Readonly<Record<EffectStatus, number>> = codesOf(EFFECT_STATUSES)
export const CALL_CODE: Readonly<Record<CallStatus, number>> = codesOf(CALL_STATUSES)
export const ANSWER_CODE: Readonly<Record<AnswerKind, number>> = codesOf(ANSWER_KINDS)
export const ENTRY_CODE: Readonly<Record<EntryKind, number>> = codesOf(ENTRY_KINDS)
export const CERTAINTY_CODE: Readonly<Record<Certainty, number>> = codesOf(CERTAINTIES)
export const UNDO_CODE: Readonly<Record<UndoKind, number>> = codesOf(UNDO_KINDS)
export const RECORD_LEVEL_CODE: Readonly<Record<RecordLevel, number>> = codesOf(RECORD_LEVELS)
export const APPROVAL_CODE: Readonly<Record<ApprovalStatus, number>> = codesOf(APPROVAL_STATUSES)
export const APPROVAL_SOURCE_CODE: Readonly<Record<ApprovalSource, number>> = codesOf(APPROVAL_SOURCES)
export const HOLD_CODE: Readonly<Record<HoldStatus, number>> = codesOf(HOLD_STATUSES)

export const runStatus = (code: number): RunStatus => wordOf(RUN_STATUSES, code)
export const effectStatus = (code: number): EffectStatus => wordOf(EFFECT_STATUSES, code)
export const callStatus = (code: number): CallStatus => wordOf(CALL_STATUSES, code)
export const answerKind = (code: number): AnswerKind => wordOf(ANSWER_KINDS, code)
export const entryKind = (code: number): EntryKind => wordOf(ENTRY_KINDS, code)
export const certainty = (code: number): Certainty => wordOf(CERTAINTIES, code)
export const undoKind = (code: number): UndoKind => wordOf(UNDO_KINDS, code)
export const recordLevel = (code: number): RecordLevel => wordOf(RECORD_LEVELS, code)
export const approvalStatus = (code: number): ApprovalStatus => wordOf(APPROVAL_STATUSES, code)
export const approvalSource = (code: number): ApprovalSource => wordOf(APPROVAL_SOURCES, code)
export const holdStatus = (code: number): HoldStatus => wordOf(HOLD_STATUSES, code)

function codesOf<Word extends string>(words: readonly Word[]): Record<Word, number> {
  return Object.fromEntries(words.map((word, code) => [word, code])) as Record<Word, number>
}

function wordOf<Word>(words: readonly Word[], code: number): Word {
  const word = words[code]
  if (word === undefined) throw new RangeError(`The database holds the code ${code}, which this version does not know`)
  return word
}
