import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrashGround } from './support/crash-ground.ts'
import { expectTripOver } from './support/expect-trip-over.ts'
import { POLICIES, type Policy } from './support/order-tools.ts'
import { Slots } from './support/slots.ts'
import type { Trip } from './support/trip.ts'
import { type TripCase, TripRunner } from './support/trip-case.ts'
import { ASKING_TRIP, BESIDE_TRIP, BLOCKING_TRIP, DENIED_TRIP } from './support/trips.ts'

interface Point {
  readonly trip?: Trip
  /** Where the processes of the agent are killed, one after the other. */
  readonly agent?: readonly string[]
  /** Where those that decide are killed. */
  readonly decide?: readonly string[]
  /** A crash there leaves an effect of which nobody knows whether it happened. */
  readonly doubt?: boolean
}

/** The first process goes until it has to wait; the next one, after the decision, is killed. */
const UNTIL_ASKED = ''

const POINTS: readonly Point[] = [
  { agent: ['in-request-transaction:1'] },
  { agent: ['after-request:1'] },
  { decide: ['in-decision-transaction:1'] },
  // The decision is on record, and nobody has woken up yet.
  { decide: ['after-decision:1'] },
  { trip: BLOCKING_TRIP, agent: ['before-wake:1'] },
  { trip: DENIED_TRIP, decide: ['after-decision:1'] },
  // Approved and claimed, before the body and after it.
  { trip: BESIDE_TRIP, agent: [UNTIL_ASKED, 'in-claim-transaction:1'] },
  { trip: BESIDE_TRIP, agent: [UNTIL_ASKED, 'after-claim:1'], doubt: true },
  { trip: BLOCKING_TRIP, agent: ['before-body:3'], doubt: true },
  { trip: BESIDE_TRIP, agent: [UNTIL_ASKED, 'service-acted:1'], doubt: true },
]

describe('a trip that needs a yes, and whose process is killed', () => {
  let ground: CrashGround
  const slots = new Slots(2)

  beforeAll(async () => {
    ground = await CrashGround.prepare()
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  for (const [index, point] of POINTS.entries()) {
    const who = point.decide === undefined ? 'it waits or goes on' : 'somebody decides'
    const when = [...(point.agent ?? []), ...(point.decide ?? [])].filter((at) => at !== UNTIL_ASKED).join(', then ')
    const what = point.trip === DENIED_TRIP ? 'never executes' : 'executes only after it'
    it.concurrent.for([...POLICIES])(`while ${who}, at ${when}, ${what} under '%s'`, async (policy) => {
      await slots.use(() => endsWell(point, policy, `${index}-${policy}`))
    })
  }

  async function endsWell(point: Point, policy: Policy, caseId: string): Promise<void> {
    const { trip = ASKING_TRIP, agent = [], decide = [], doubt = false } = point
    const tripCase: TripCase = {
      ...{ ...ground, caseId, policy, trip, crashes: { agent, decide } },
      ...{ heirs: ['recover'], resumes: policy === 'retry' },
    }
    await using runner = new TripRunner(tripCase)
    await runner.toTheEnd()
    expect(runner.executions.filter(({ killed }) => killed)).toHaveLength(1)
    const { file } = await expectTripOver(tripCase, runner)
    const run = file.runs.find(({ id }) => id === caseId)
    const isUndone = trip === DENIED_TRIP
    const isLeft = doubt && policy === 'halt'
    expect(run?.status).toBe(isUndone ? 'compensated' : isLeft ? 'compensation_failed' : 'completed')
  }
})
