import type { EffectState, LedgerState, RunState } from './ledger-state.ts'

/**
 * What the notes call I1 to I4 and I8, said without the model: what is wrong with a step, in words. I11 is that entries
 * have no gap and equal the model's.
 */
export function brokenPromises(before: LedgerState, now: LedgerState): readonly string[] {
  return [
    ...Object.entries(now.effects).flatMap(([place, rows]) =>
      brokenGenerations(place, before.effects[place] ?? [], rows),
    ),
    ...Object.entries(now.runs).flatMap(([name, run]) => brokenRun(name, before.runs[name], run)),
    ...Object.keys(now.runs)
      .filter((name) => hasJustBeenUndone(before.runs[name], now.runs[name]))
      .flatMap((name) => leftBehind(name, now)),
  ]
}

function brokenGenerations(place: string, before: readonly EffectState[], rows: readonly EffectState[]): string[] {
  const broken = rows.flatMap((row, index) => {
    const label = `${place} ${JSON.stringify(before[index] ?? null)} -> ${JSON.stringify(row)}`
    return [
      ...(row.generation === index + 1 ? [] : [`generations have a gap: ${label}`]),
      ...(index < rows.length - 1 && !isOver(row) ? [`one follows a generation that may have happened: ${label}`] : []),
      ...(before[index] === undefined || mayBecome(before[index], row) ? [] : [`it became what it may not: ${label}`]),
      ...(isForbidden(row) ? [`it executes, or may, and nobody said yes: ${label}`] : []),
    ]
  })
  return broken
}

/** Known to have had no effect, or to have been undone. */
function isOver({ status, certainty }: EffectState): boolean {
  return status === 'canceled' || status === 'compensated' || (status === 'failed' && certainty === 'not_applied')
}

/** Somebody executes, or may, what a human was asked about and has not agreed to. */
function isForbidden({ status, approval }: EffectState): boolean {
  if (status === 'ready') return approval?.status !== 'approved'
  return status === 'processing' && (approval?.status === 'pending' || approval?.status === 'denied')
}

/** Section 5: what is settled stays, only a new epoch starts anything again, and what was undone is over. */
function mayBecome(before: EffectState, now: EffectState): boolean {
  if (JSON.stringify(before) === JSON.stringify(now)) return true
  if (now.epoch < before.epoch) return false
  const epochs = now.epoch - before.epoch
  const attempts = now.attempt - before.attempt
  if (before.status === now.status) return mayStay(before, now)
  const isKept = attempts === 0 && epochs <= 1
  switch (now.status) {
    case 'processing':
      return mayStart(before, now) && attempts === 1 && epochs >= 1
    case 'unknown':
      return (before.status === 'processing' || isAsked(before) || isAskedAgain(before)) && isKept
    case 'succeeded':
    case 'failed':
      return MAY_SETTLE.includes(before.status) && isQuestion(before) && isKept
    case 'requires_approval':
      return MAY_BE_ASKED.includes(before.status) && isQuestion(before) && epochs <= 1
    case 'ready':
      return (
        ['requires_approval', 'denied', 'unknown', 'failed'].includes(before.status) && epochs === 0 && attempts === 0
      )
    case 'denied':
    case 'canceled':
      return isAsked(before) && before.attempt === 0 && epochs === 0
    case 'compensating':
      return ['succeeded', 'compensation_failed'].includes(before.status) && epochs === 1 && now.undo !== 'none'
    case 'compensated':
      return UNDOABLE.includes(before.status) && epochs === (before.status === 'compensating' ? 0 : 1)
    case 'compensation_failed':
      return before.status === 'compensating' && epochs === 0 && now.undoError !== null
    default:
      return false
  }
}

/** A change that is not one of the status. */
function mayStay(before: EffectState, now: EffectState): boolean {
  const epochs = now.epoch - before.epoch
  if (now.status === 'processing') return now.attempt === before.attempt + 1 && (epochs === 0 || epochs === 2)
  if (now.status === 'compensating') return now.undoAttempt === before.undoAttempt + 1 && epochs <= 1
  // Only what is asked, or answered, about it may be another thing.
  return JSON.stringify({ ...before, ...ANSWERED }) === JSON.stringify({ ...now, ...ANSWERED }) && !isOverAndDone(now)
}

const ANSWERED = { approval: null, args: '', certainty: null, epoch: 0 }

function isOverAndDone({ status }: EffectState): boolean {
  return status === 'succeeded' || status === 'compensated' || status === 'compensation_failed'
}

/** A failure that is known to have had no effect is no question any more. */
function isQuestion({ status, certainty }: EffectState): boolean {
  return status !== 'failed' || certainty === 'assumed'
}

function isAsked({ status }: EffectState): boolean {
  return status === 'requires_approval' || status === 'ready'
}

function isAskedAgain({ status }: EffectState): boolean {
  return status === 'denied'
}

/** Also what a question was about that is over: nobody has to be asked about it any more. */
function mayStart(before: EffectState, now: EffectState): boolean {
  if (before.status === 'requires_approval') return before.attempt > 0 && now.approval?.status === 'expired'
  return MAY_START.includes(before.status) && isQuestion(before)
}

const MAY_START: readonly string[] = ['ready', 'unknown', 'failed', 'processing']
const MAY_SETTLE: readonly string[] = ['processing', 'unknown', 'failed', 'requires_approval', 'ready']
const MAY_BE_ASKED: readonly string[] = ['processing', 'unknown', 'failed', 'denied', 'canceled', 'ready']
const UNDOABLE: readonly string[] = ['succeeded', 'compensating', 'compensation_failed']

function brokenRun(name: string, before: RunState | undefined, now: RunState): string[] {
  if (before === undefined) return []
  const label = `${name} ${before.status}, epoch ${before.epoch} -> ${now.status}, epoch ${now.epoch}`
  const isBack = now.epoch < before.epoch || now.attempt < before.attempt
  const hasMoved = before.status !== now.status
  const needsEpoch = hasMoved && (now.status === 'compensating' || isEnded(before.status))
  return [
    ...(isBack ? [`it went back: ${label}`] : []),
    ...(needsEpoch && now.epoch === before.epoch ? [`nobody who held it before is fenced: ${label}`] : []),
    ...(hasMoved && before.status === 'completed' && !now.status.startsWith('compens')
      ? [`it was over: ${label}`]
      : []),
  ]
}

function isEnded(status: string): boolean {
  return ['completed', 'failed', 'canceled', 'compensated', 'compensation_failed'].includes(status)
}

function hasJustBeenUndone(before: RunState | undefined, now: RunState | undefined): boolean {
  return now?.status === 'compensated' && before?.status === 'compensating'
}

/** I8: what a run, or one below it, did and did not undo although it says so. */
function leftBehind(name: string, { runs, effects }: LedgerState): string[] {
  const tree = [name]
  for (const above of tree) tree.push(...Object.keys(runs).filter((below) => runs[below]?.parent === above))
  const left = Object.values(effects)
    .flat()
    .filter((effect) => tree.includes(effect.run) && mayNeedUndoing(effect))
  return left.map((effect) => `${name} is compensated and left ${JSON.stringify(effect)}`)
}

function mayNeedUndoing({ undo, status, attempt, certainty }: EffectState): boolean {
  if (undo === 'none' || certainty === 'assumed') return false
  const isHidden = (status === 'requires_approval' || status === 'ready') && attempt > 0
  return isHidden || ['processing', 'unknown', 'succeeded', 'compensating', 'compensation_failed'].includes(status)
}
