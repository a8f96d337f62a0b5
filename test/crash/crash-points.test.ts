import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToTheEnd } from './support/crash-case.ts'
import { CrashGround } from './support/crash-ground.ts'
import { expectOrderDone } from './support/expect-order-done.ts'
import { POLICIES, type Policy } from './support/order-tools.ts'
import { Slots } from './support/slots.ts'

interface Point {
  readonly at: string
  /** Earlier executions, killed there. */
  readonly after?: readonly string[]
  /** Whether a crash there leaves an effect of which nobody knows whether it happened. */
  readonly doubt: boolean
  /** The policies under which the point is reached. @default all */
  readonly under?: readonly Policy[]
}

const IN_DOUBT = ['after-body:1']

const POINTS: readonly Point[] = [
  { at: 'in-open-transaction:1', doubt: false },
  { at: 'before-claim:1', doubt: false },
  { at: 'in-claim-transaction:1', doubt: false },
  { at: 'after-claim:1', doubt: true },
  { at: 'before-body:1', doubt: true },
  { at: 'in-heartbeat:1', doubt: true },
  { at: 'request-left:1', doubt: true },
  { at: 'service-acted:1', doubt: true },
  { at: 'in-body:1', doubt: true },
  { at: 'after-body:1', doubt: true },
  { at: 'before-commit:1', doubt: true },
  { at: 'in-commit-transaction:1', doubt: true },
  { at: 'after-commit:1', doubt: false },
  // Between two effects, and inside the body of another: its nested effect is done, or in doubt as it is.
  { at: 'before-claim:2', doubt: false },
  { at: 'service-acted:4', doubt: true },
  { at: 'after-commit:4', doubt: true },
  { at: 'service-acted:5', doubt: true },
  // The service declined, and nobody knows that it did.
  { at: 'service-acted:6', doubt: true },
  { at: 'after-commit:6', doubt: false },
  { at: 'in-reserve-transaction:1', doubt: false },
  { at: 'before-send:1', doubt: false },
  { at: 'in-call:1', doubt: false },
  { at: 'after-send:1', doubt: false },
  { at: 'in-settle-transaction:1', doubt: false },
  { at: 'after-settle:1', doubt: false },
  { at: 'in-open-transaction:2', doubt: false },
  { at: 'while-closing:1', doubt: false },
  { at: 'in-close-transaction:1', doubt: false },
  { at: 'while-closing:2', doubt: false },
  { at: 'in-close-transaction:2', doubt: false },
  { at: 'after-run:1', doubt: false },
  // While it is resumed.
  { at: 'in-open-transaction:1', after: IN_DOUBT, doubt: true },
  { at: 'before-claim:1', after: IN_DOUBT, doubt: true },
  { at: 'before-reconcile:1', after: IN_DOUBT, doubt: true, under: ['reconcile'] },
  { at: 'after-reconcile-hook:1', after: IN_DOUBT, doubt: true, under: ['reconcile'] },
  { at: 'in-resolve-transaction:1', after: IN_DOUBT, doubt: true, under: ['retry', 'reconcile'] },
  { at: 'after-resolve:1', after: IN_DOUBT, doubt: true, under: ['retry', 'reconcile'] },
  { at: 'after-takeover:1', after: IN_DOUBT, doubt: true, under: ['retry'] },
  { at: 'service-acted:1', after: [...IN_DOUBT, 'after-takeover:1'], doubt: true },
  { at: 'in-close-transaction:1', after: IN_DOUBT, doubt: true },
]

describe('an order whose process is killed', () => {
  let ground: CrashGround
  const slots = new Slots(2)

  beforeAll(async () => {
    ground = await CrashGround.prepare()
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  for (const point of POINTS) {
    const when = [...(point.after ?? []), point.at].join(', then ')
    it.concurrent.for([...POLICIES])(`at ${when} ends with each deed done once under '%s'`, async (policy) => {
      await slots.use(() => killedAt(point, policy))
    })
  }

  async function killedAt({ at, after = [], doubt, under = POLICIES }: Point, policy: Policy): Promise<void> {
    const crashes = [...after, at]
    const caseId = `${crashes.join('-').replaceAll(':', '-')}-${policy}`
    const crashCase = { ...ground, caseId, policy, crashes, concurrency: 1 }
    const end = await runToTheEnd(crashCase)

    const wasHit = end.executions[after.length]?.killed
    if (after.length === 0) expect(wasHit).toBe(true)
    else if (!under.includes(policy)) expect(wasHit).toBe(false)
    // Only the policy 'halt' stops, only where nobody knows, and it says which effect.
    const failures = end.executions.flatMap(({ report }) => (report?.kind === 'failed' ? [report.code] : []))
    expect([...new Set(failures)]).toEqual(policy === 'halt' && doubt ? ['effect-unknown'] : [])
    expect(end.decisions.length > 0).toBe(policy === 'halt' && doubt)
    await expectOrderDone(crashCase, end)
  }
})
