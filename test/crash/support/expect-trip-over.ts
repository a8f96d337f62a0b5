import { expect } from 'vitest'
import { readLedgerFile } from './ledger-file.ts'
import type { TripCase, TripRunner } from './trip-case.ts'
import { deedsOf, type TripEvidence } from './trip-deeds.ts'
import { tripProblems } from './trip-invariants.ts'

/**
 * Expects that a trip is over as it should be, that asking for it again and recovering once more touches nothing, and that
 * a human can settle the rest. Answers what it left before that.
 */
export async function expectTripOver(tripCase: TripCase, runner: TripRunner): Promise<TripEvidence> {
  const told = () => JSON.stringify([tripCase.policy, tripCase.trip, runner.executions])
  const evidence = await evidenceOf(tripCase, runner, false)
  expect(tripProblems(evidence), told()).toEqual([])
  expect(blockedIn(runner), told()).toEqual([])
  await expectNothingLeft(tripCase, runner)

  await settleByHand(evidence, runner)
  expect(tripProblems(await evidenceOf(tripCase, runner, true)), told()).toEqual([])
  return evidence
}

export async function evidenceOf(
  { trip, policy, service, caseId }: TripCase,
  { ledgerPath }: TripRunner,
  isSettled: boolean,
): Promise<TripEvidence> {
  return { trip, policy, isSettled, file: await readLedgerFile(ledgerPath), lines: service.linesOf(caseId) }
}

function blockedIn({ executions }: TripRunner): readonly string[] {
  return executions.flatMap(({ report }) => (report?.kind === 'recovered' ? report.recovery.blocked : []))
}

async function expectNothingLeft({ service, caseId }: TripCase, { ledger }: TripRunner): Promise<void> {
  const lines = service.linesOf(caseId).length
  const again = ledger.run({ id: caseId, name: 'trip', input: 'a trip' }, () => {
    throw new Error('a run that is over was executed again')
  })
  await again.catch((error: Error) => expect(error.message).not.toContain('executed again'))
  expect(await ledger.recover()).toEqual({
    ...{ expired: 0, resolved: 0, holdsCharged: 0, complete: true },
    ...{ compensated: [], abandoned: [], resumed: [], resumable: [], blocked: [] },
  })
  expect(service.linesOf(caseId)).toHaveLength(lines)
}

/** Looks up at the service what really happened, says so, and has undone what is left. */
async function settleByHand(evidence: TripEvidence, { ledger }: TripRunner): Promise<void> {
  const failed = new Set<string>()
  for (const { effect, acts, failedRun } of deedsOf(evidence)) {
    if (failedRun === undefined) continue
    failed.add(failedRun.id)
    const isOpen = effect.status === 'unknown' || (effect.status === 'failed' && effect.certainty === 'assumed')
    if (!isOpen) continue
    const [act] = acts
    const decision =
      act === undefined ? ({ outcome: 'not_applied' } as const) : ({ outcome: 'applied', result: act.result } as const)
    await ledger.effects.resolve(effect.key, { ...decision, by: 'a human' })
  }
  // Once more: what came to light only now may be asked for the first time, and be told that the service is busy.
  for (const id of [...failed, ...failed]) await ledger.runs.compensate(id)
}
