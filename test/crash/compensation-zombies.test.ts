import { RunInProgressError } from 'holdfast'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AgentChild } from './support/agent-child.ts'
import { CrashGround } from './support/crash-ground.ts'
import { expectTripOver } from './support/expect-trip-over.ts'
import { readLedgerFile } from './support/ledger-file.ts'
import { type TripCase, TripRunner } from './support/trip-case.ts'
import type { ReportedRecovery, TripReport } from './support/trip-options.ts'
import { FAILING_TRIP } from './support/trips.ts'

const LONG_MS = 60_000
/** Long enough for a process to start and to renew it, short enough to wait for. */
const SHORT_MS = 1_000

describe('two processes recover at once, and one was stopped in the middle of a compensation', () => {
  let ground: CrashGround

  beforeAll(async () => {
    ground = await CrashGround.prepare()
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  it('within its lease: the other leaves it alone, and it goes on', async () => {
    const { tripCase, runner, stopped } = await stoppedAt('in-undo:2', 'within', LONG_MS)
    await using _ = runner
    try {
      expect(await recovered(runner.start('recover'))).toMatchObject({ compensated: [], blocked: [] })
      const { runs } = runner.ledger
      const [saga] = (await runs.list()).filter(({ parentId }) => parentId === tripCase.caseId)
      expect(saga?.status).toBe('compensating')
      await expect(runs.compensate(saga?.id ?? '')).rejects.toThrow(RunInProgressError)
      expect(linesOf(tripCase, stopped.pid)).toHaveLength(linesOf(tripCase).length)
      stopped.signal('SIGCONT')
      expect(await recovered(stopped)).toMatchObject({ compensated: ['compensated'], blocked: [] })
    } finally {
      stopped.signal('SIGKILL')
    }
    await runner.toTheEnd()
    await expectTripOver(tripCase, runner)
  })

  it('past its lease: the other finishes it, and it adds nothing when it goes on', async () => {
    const { tripCase, runner, stopped } = await stoppedAt('in-undo:2', 'past', SHORT_MS)
    await using _ = runner
    try {
      while ((await recovered(runner.start('recover'))).compensated.length === 0);
      const before = { asked: linesOf(tripCase).length, told: await entriesOf(runner) }
      stopped.signal('SIGCONT')
      expect(await recovered(stopped)).toMatchObject({ compensated: [], blocked: [] })
      expect({ asked: linesOf(tripCase).length, told: await entriesOf(runner) }).toEqual(before)
    } finally {
      stopped.signal('SIGKILL')
    }
    await runner.toTheEnd()
    await expectTripOver(tripCase, runner)
  })

  /** A trip that failed, and a process that recovers it and has been stopped. */
  async function stoppedAt(point: string, caseId: string, leaseMs: number) {
    const tripCase: TripCase = {
      ...{ ...ground, caseId, policy: 'reconcile', trip: FAILING_TRIP, crashes: {} },
      ...{ heirs: ['recover'], resumes: false, leaseMs },
    }
    const runner = new TripRunner(tripCase)
    const agent = await runner.start('agent', 'after-failure:1').ended
    expect(agent.killed).toBe(true)
    const stopped = runner.start('recover', `${point}:SIGSTOP`)
    await stopped.stopped
    return { tripCase, runner, stopped }
  }

  function linesOf({ caseId }: TripCase, pid?: number) {
    const undoings = ground.service.linesOf(caseId).filter(({ tool }) => tool === 'undo')
    return pid === undefined ? undoings : undoings.filter((line) => line.pid === pid)
  }
})

async function recovered(child: AgentChild<TripReport>): Promise<ReportedRecovery> {
  const { report, errors } = await child.ended
  if (report?.kind !== 'recovered') throw new Error(`it did not recover: ${JSON.stringify(report)} ${errors}`)
  return report.recovery
}

/** How many lines the log has. */
async function entriesOf({ ledgerPath }: TripRunner): Promise<number> {
  return (await readLedgerFile(ledgerPath)).entries.length
}
