import { isDeepStrictEqual } from 'node:util'
import { grantsOf } from './effect-history.ts'
import { bookProblems, repeated } from './invariants.ts'
import { type Deed, deedsOf, type Placed, statusOf, type TripEvidence } from './trip-deeds.ts'
import { undoProblems } from './undo-invariants.ts'

/** Everything that is wrong with a trip that is over; the numbers are those of the invariants in the tests' titles. */
export function tripProblems(evidence: TripEvidence): string[] {
  const deeds = deedsOf(evidence)
  return [
    ...bookProblems(evidence.file),
    ...strangers(evidence, deeds),
    ...leftBehind(evidence),
    ...deeds.flatMap((deed) => [
      ...requestProblems(deed, evidence),
      ...recordProblems(deed),
      ...writeAheadProblems(deed),
      ...approvalProblems(deed),
    ]),
    ...repeated(deeds.filter(stands).map(({ step }) => `happened more than once: ${step.what}`)),
    ...undoProblems(evidence, deeds),
  ]
}

function strangers({ lines }: TripEvidence, deeds: readonly Deed[]): string[] {
  const known = deeds.flatMap(({ asked, undoings, decisions }) => [...asked, ...undoings, ...decisions])
  if (known.length === lines.length) return []
  const places = new Set(known.map(({ at }) => at))
  return lines.filter((_, at) => !places.has(at)).map(({ tool }) => `I6: a request of ${tool} belongs to no effect`)
}

const OVER = ['completed', 'failed', 'compensated', 'compensation_failed']
const OPEN = ['processing', 'compensating', 'requires_approval', 'ready']

/** I12: nobody is at it any more, and nothing waits for anybody. */
function leftBehind({ file }: TripEvidence): string[] {
  return [
    ...file.effects
      .filter(({ status }) => OPEN.includes(status))
      .map(({ tool, status }) => `I12: ${tool} is left ${status}`),
    ...file.runs.filter(({ status }) => !OVER.includes(status)).map(({ id, status }) => `I12: ${id} is left ${status}`),
  ]
}

/** I4: no more requests than rights to make them; one alone where nothing declares that more are safe. */
function requestProblems({ step, effect, asked }: Deed, { policy, file }: TripEvidence): string[] {
  const isSafeToRepeat = policy === 'retry' || step.attempts > 1
  const allowed = isSafeToRepeat ? grantsOf(effect, file.entries) : 1
  const others = asked.filter(({ key }) => key !== effect.idempotencyKey)
  return [
    ...(asked.length > allowed
      ? [`I4: ${step.what} was requested ${asked.length} times, allowed were ${allowed}`]
      : []),
    ...others.map(({ key }) => `I4: ${step.what} was requested under the key ${key}, which is not its own`),
  ]
}

const HAPPENED = ['succeeded', 'compensated', 'compensation_failed']
const IN_DOUBT = ['unknown', 'failed:assumed']

/** I5: what is on record as a success is one act outside with that very result; what is not did not act. */
function recordProblems(deed: Deed): string[] {
  const { step, effect, acts } = deed
  const status = statusOf(deed)
  const fewest = HAPPENED.includes(status) ? 1 : 0
  const most = fewest + (IN_DOUBT.includes(status) ? 1 : 0)
  if (acts.length < fewest || acts.length > most)
    return [`I5: ${step.what} is ${status}, and acted ${acts.length} times`]
  if (fewest === 0 || isDeepStrictEqual(acts[0]?.result, effect.result)) return []
  return [`I5: ${step.what} has another result on record`]
}

/** I6: when a request arrived, the ledger's file already said that it may, under the epoch that made it. */
function writeAheadProblems({ asked, undoings }: Deed): string[] {
  return [
    ...asked.flatMap((line) => early(line, 'processing')),
    ...undoings.flatMap((line) => early(line, 'compensating')),
  ]
}

function early({ tool, args, effect, onRecord }: Placed, expected: string): string[] {
  const what = `${tool} ${(args as { what: string }).what}`
  if (onRecord?.status !== expected) return [`I6: ${what} was requested while on record as ${onRecord?.status}`]
  if (onRecord.epoch === effect?.epoch) return []
  return [`I6: ${what} was requested under epoch ${effect?.epoch}, on record was ${onRecord.epoch}`]
}

/** A1, A2: nothing that needs a yes was requested before somebody set about saying it. */
function approvalProblems({ step, asked, decisions }: Deed): string[] {
  if (step.approval === null) return []
  const yes = decisions.find(({ args }) => (args as { decision: string }).decision === 'approve')
  return asked
    .filter(({ at }) => yes === undefined || at < yes.at)
    .map(() => `A1: ${step.what} was requested before it was approved`)
}

/** It happened, and nothing undid it. */
function stands({ acts, undone }: Deed): boolean {
  return acts.length > 0 && undone.length === 0
}
