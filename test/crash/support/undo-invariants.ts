import { undoGrantsOf } from './effect-history.ts'
import { repeated } from './invariants.ts'
import { type Deed, statusOf, type TripEvidence, topmostFailed } from './trip-deeds.ts'

/** I8: what is wrong with how the deeds of a trip were undone. */
export function undoProblems(evidence: TripEvidence, deeds: readonly Deed[]): string[] {
  return [
    ...deeds.flatMap((deed) => [
      ...undoingProblems(deed, evidence),
      ...fateProblems(deed),
      ...leftProblems(deed, evidence),
    ]),
    ...keyProblems(deeds),
    ...runProblems(evidence, deeds),
    ...orderProblems(evidence, deeds),
  ]
}

/** Undone at most once, of what happened before, and asked for no more often than there were rights to. */
function undoingProblems({ step, effect, acts, undoings, undone }: Deed, { file }: TripEvidence): string[] {
  const [act] = acts
  const allowed = undoGrantsOf(effect, file.entries)
  const wrong = undoings.filter(
    ({ at, args }) => act === undefined || at < act.at || undoesOf(args) !== numberOf(act.result),
  )
  return [
    ...(undoings.length > allowed
      ? [`I8: undoing ${step.what} was requested ${undoings.length} times, allowed were ${allowed}`]
      : []),
    ...(undone.length > 1 ? [`I8: ${step.what} was undone ${undone.length} times`] : []),
    ...wrong.map(() => `I8: undoing ${step.what} was requested, and it had not happened`),
  ]
}

function undoesOf(args: unknown): number {
  return (args as { undoes: number }).undoes
}

function numberOf(result: unknown): number {
  return (result as { number: number }).number
}

/** What the record says was undone was, and nothing else; what a failed run did is undone, and nothing else. */
function fateProblems(deed: Deed): string[] {
  const { step, undone, failedRun } = deed
  const status = statusOf(deed)
  const least = status === 'compensated' ? 1 : 0
  const most = status === 'compensation_failed' ? 1 : least
  return [
    ...(undone.length < least || undone.length > most
      ? [`I8: ${step.what} is on record as ${status}, and was undone ${undone.length} times`]
      : []),
    ...(status === 'succeeded' && failedRun !== undefined
      ? [`I8: ${step.what} was not undone, and run ${failedRun.id} is ${failedRun.status}`]
      : []),
    ...(isUndone(status) && failedRun === undefined ? [`I8: ${step.what} is ${status}, and its run ended well`] : []),
  ]
}

function isUndone(status: string): boolean {
  return status === 'compensated' || status === 'compensation_failed'
}

/** What could not be undone is listed: its run says so. Once a human has seen to it only what nothing can undo is left. */
function leftProblems(deed: Deed, { isSettled, policy }: TripEvidence): string[] {
  const { step, acts, failedRun } = deed
  const status = statusOf(deed)
  // A saga goes on without an optional step; where its tool is safe to repeat, nothing halts for one in doubt.
  if (status === 'unknown' && step.optional && policy === 'retry' && failedRun === undefined) return []
  if (isLeft(deed)) {
    const isListed = failedRun?.status === 'compensation_failed'
    const isStuck = status === 'compensation_failed' && step.undo === 'declines'
    return [
      ...(isListed ? [] : [`I8: ${step.what} is left ${status}, and its run is ${failedRun?.status}`]),
      ...(isSettled && !isStuck ? [`I8: ${step.what} is left ${status} after a human saw to it`] : []),
    ]
  }
  const isForgotten = isSettled && status === 'failed:assumed' && acts.length > 0 && failedRun !== undefined
  return isForgotten ? [`I8: ${step.what} happened, and is left ${status} after a human saw to it`] : []
}

/** One downstream key for all attempts to undo one deed, and for nothing else. */
function keyProblems(deeds: readonly Deed[]): string[] {
  const keys = deeds.map(({ undoings }) => [...new Set(undoings.map(({ key }) => String(key)))])
  const forward = new Set(deeds.map(({ effect }) => effect.idempotencyKey))
  return [
    ...keys.flatMap((own, index) =>
      own.length > 1 ? [`I8: undoing ${deeds[index]?.step.what} had ${own.length} keys`] : [],
    ),
    ...repeated(keys.flat()).map((key) => `I8: two deeds are undone under the key ${key}`),
    ...keys.flat().flatMap((key) => (forward.has(key) ? [`I8: ${key} is also the key of a deed`] : [])),
  ]
}

/** The status of a run says whether everything that it did is undone. */
function runProblems({ file }: TripEvidence, deeds: readonly Deed[]): string[] {
  return file.runs.flatMap(({ id, status }) => {
    // What a run could not undo, the one above it may have by now: that of the topmost says what is left.
    const topmost = topmostFailed(file.runs, id)?.id
    const all = deeds.filter(({ failedRun }) => failedRun !== undefined && failedRun.id === topmost)
    const own = all.filter(({ effect }) => effect.runId === id)
    if (status === 'compensation_failed' && !all.some(isLeft))
      return [`I8: run ${id} is ${status}, and nothing of it is left`]
    const isUndoneInVain = status === 'failed' && own.some((deed) => statusOf(deed) === 'compensated')
    return isUndoneInVain ? [`I8: run ${id} is failed, and something of it was undone`] : []
  })
}

function isLeft(deed: Deed): boolean {
  return ['unknown', 'compensation_failed'].includes(statusOf(deed))
}

/** The last stage is undone first; the members of a group in any order. */
function orderProblems({ file }: TripEvidence, deeds: readonly Deed[]): string[] {
  const inOrder = deeds.filter((deed) => deed.undoings.length > 0 && !isLate(deed))
  return inOrder.flatMap((later) =>
    inOrder
      .filter((earlier) => earlier.stage < later.stage && firstOf(earlier) < endOf(later))
      .map((earlier) => `I8: ${earlier.step.what} was undone before ${later.step.what}`),
  )

  /** Nobody knew that it had happened when the others were undone. */
  function isLate({ effect, entries }: Deed): boolean {
    const ends = ['run-compensating', 'run-closed']
    const end = file.entries.find(({ stream, kind }) => stream === effect.runId && ends.includes(kind))
    return entries.some(({ kind, number }) => kind === 'effect-resolved' && number > (end?.number ?? 0))
  }
}

function firstOf({ undoings }: Deed): number {
  return undoings[0]?.at ?? 0
}

/** A compensation that failed is tried again after the others. */
function endOf(deed: Deed): number {
  const failed = deed.entries.some(({ kind }) => kind === 'compensation-failed')
  return failed ? firstOf(deed) : (deed.undone[0]?.at ?? firstOf(deed))
}
