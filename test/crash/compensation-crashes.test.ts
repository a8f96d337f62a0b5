import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrashGround } from './support/crash-ground.ts'
import { expectTripOver } from './support/expect-trip-over.ts'
import { POLICIES, type Policy } from './support/order-tools.ts'
import { Slots } from './support/slots.ts'
import { type TripCase, TripRunner } from './support/trip-case.ts'
import { FAILING_TRIP } from './support/trips.ts'

interface Point {
  /** Where the process of the agent is killed. */
  readonly at: string
  /** Where those are killed that recover after it, one after the other. */
  readonly recoveries?: readonly string[]
  /** The policies under which all points are reached. @default all */
  readonly under?: readonly Policy[]
  /** The failure is on record there, so that whoever recovers goes on undoing. @default true */
  readonly failed?: boolean
}

const AMID = 'service-undid:2'

const POINTS: readonly Point[] = [
  // The failure is about to be recorded, and is.
  { at: 'in-close-transaction:1', failed: false },
  { at: 'after-failure:1' },
  // The first compensation.
  { at: 'in-compensation-claim-transaction:1' },
  { at: 'after-compensation-claim:1' },
  { at: 'undo-left:1' },
  { at: 'service-undid:1' },
  { at: 'in-compensation-commit-transaction:1' },
  // Inside the group, with some of it done, and between two.
  { at: 'service-undid:3' },
  { at: 'after-compensation-commit:2' },
  { at: 'between-compensations:1' },
  // After the last, before the run's status; and the same for the run around the saga.
  { at: 'after-compensations:1' },
  { at: 'in-finish-transaction:1' },
  { at: 'after-failure:2' },
  // While it is recovered, and again.
  { at: AMID, recoveries: ['after-sweep:1', 'in-open-compensation-transaction:1'] },
  { at: AMID, recoveries: ['after-compensation-claim:1', 'after-compensation-claim:1'] },
  { at: AMID, recoveries: ['service-undid:1', 'service-undid:1'] },
  { at: AMID, recoveries: ['in-compensation-commit-transaction:1', 'between-compensations:1'] },
  { at: AMID, recoveries: ['after-compensations:1', 'in-finish-transaction:1'] },
  {
    at: 'service-acted:7',
    recoveries: ['after-reconcile-hook:1', 'in-resolve-transaction:1'],
    under: ['reconcile'],
    failed: false,
  },
]

describe('a trip whose process is killed when it has failed', () => {
  let ground: CrashGround
  const slots = new Slots(2)

  beforeAll(async () => {
    ground = await CrashGround.prepare()
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  for (const [index, point] of POINTS.entries()) {
    const when = [point.at, ...(point.recoveries ?? [])].join(', then ')
    it.concurrent.for([...(point.under ?? POLICIES)])(
      `at ${when} is undone once, or listed, under '%s'`,
      async (policy) => slots.use(() => endsWell(point, tripOf(policy, `${index}-${policy}`, point))),
    )
  }

  it('has the members of a group undone side by side, and nothing beside what is not in it', async () => {
    const tripCase = tripOf('reconcile', 'side-by-side')
    await using runner = new TripRunner(tripCase)
    await runner.toTheEnd()
    const { file } = await expectTripOver(tripCase, runner)
    const tools = new Map(file.effects.map(({ id, tool }) => [id, tool]))
    const told = file.entries
      .filter(({ kind }) => kind === 'compensation-claimed' || kind === 'effect-compensated')
      .map(({ kind, effect }) => `${kind === 'effect-compensated' ? 'end' : 'begin'} ${tools.get(effect ?? 0)}`)
    const alone = (what: string) => [`begin ${what}`, `end ${what}`]
    const group = ['seat', 'meal', 'car']
    expect(told.slice(-2)).toEqual(alone('pay'))
    expect(told.slice(2, 4)).toEqual(alone('mail'))
    expect(told.slice(4, 7).toSorted()).toEqual(group.map((what) => `begin ${what}`).toSorted())
    expect(told.slice(7, 10).toSorted()).toEqual(group.map((what) => `end ${what}`).toSorted())
  })

  it('tells whoever asked for the run what was not undone', async () => {
    const tripCase = tripOf('halt', 'listed')
    await using runner = new TripRunner(tripCase)
    await runner.toTheEnd()
    expect(runner.executions.map(({ report }) => report)).toEqual([
      { kind: 'failed', code: 'compensation-failed', left: ['mail'] },
    ])
    await expectTripOver(tripCase, runner)
  })

  function tripOf(policy: Policy, caseId: string, { at, recoveries = [] }: Partial<Point> = {}): TripCase {
    const crashes = { agent: at === undefined ? [] : [at], recover: recoveries }
    // Whoever recovers has the agent, and goes on with it; or somebody else does.
    const resumes = policy === 'retry'
    return { ...ground, caseId, policy, trip: FAILING_TRIP, crashes, resumes, heirs: ['recover'] }
  }

  async function endsWell({ recoveries = [], failed = true }: Point, tripCase: TripCase): Promise<void> {
    await using runner = new TripRunner(tripCase)
    await runner.toTheEnd()
    const kills = 1 + recoveries.length
    const wasKilled = runner.executions.map(({ killed }) => killed)
    expect(wasKilled.slice(0, kills + 1)).toEqual([...Array(kills).fill(true), false])
    const report = runner.executions[kills]?.report
    // A run that is resumed first undoes what is below it by itself.
    if (!tripCase.resumes) expect(report?.kind === 'recovered' && report.recovery.compensated.length > 0).toBe(failed)
    const { file } = await expectTripOver(tripCase, runner)
    const statuses = file.runs.map(({ status }) => status)
    // Where nobody may ask, what is not known is listed.
    if (tripCase.policy === 'reconcile') expect(statuses).toEqual(['compensated', 'compensated'])
    if (tripCase.policy === 'halt') expect(statuses).toContain('compensation_failed')
  }
})
