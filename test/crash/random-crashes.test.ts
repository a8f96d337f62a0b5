import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CrashCase, runToTheEnd } from './support/crash-case.ts'
import { CrashGround } from './support/crash-ground.ts'
import { expectOrderDone } from './support/expect-order-done.ts'
import { POLICIES } from './support/order-tools.ts'
import { Seeded } from './support/seeded.ts'
import { Slots } from './support/slots.ts'

const soaking = process.env.HOLDFAST_SOAK === '1'
const seedCount = Number(process.env.HOLDFAST_SOAK_SEEDS ?? (soaking ? 500 : 40))
const seeds = Array.from({ length: seedCount }, (_, index) => index + 1)

/** The points, and how often an order that nothing stops passes each. */
const POINTS: Readonly<Record<string, number>> = {
  'in-open-transaction': 2,
  'before-claim': 8,
  'in-claim-transaction': 8,
  'after-claim': 8,
  'before-body': 8,
  'in-heartbeat': 3,
  'request-left': 8,
  'service-acted': 8,
  'in-body': 7,
  'after-body': 8,
  'before-commit': 8,
  'in-commit-transaction': 8,
  'after-commit': 8,
  'in-reserve-transaction': 3,
  'before-send': 3,
  'in-call': 3,
  'after-send': 3,
  'in-settle-transaction': 3,
  'after-settle': 3,
  'while-closing': 2,
  'in-close-transaction': 2,
  'after-run': 1,
  // Reached only by who resumes.
  'before-reconcile': 2,
  'after-reconcile-hook': 2,
  'in-resolve-transaction': 2,
  'after-resolve': 2,
  'after-takeover': 2,
}

describe('an order killed at random, again while it is resumed, and again', () => {
  let ground: CrashGround
  const slots = new Slots(2)

  beforeAll(async () => {
    ground = await CrashGround.prepare()
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  it.concurrent.for(seeds)('ends with each deed done once: seed %i', async (seed) => {
    await slots.use(async () => {
      const crashCase = caseOf(seed, ground)
      const end = await runToTheEnd(crashCase)
      const failures = end.executions.flatMap(({ report }) => (report?.kind === 'failed' ? [report.code] : []))
      expect(failures.filter((code) => !FAILURES.includes(code))).toEqual([])
      if (crashCase.policy !== 'halt') expect(failures).toEqual([])
      await expectOrderDone(crashCase, end)
    })
  })
})

/** `run-failed`: the child had ended with its own `effect-unknown` when its parent was killed. */
const FAILURES = ['effect-unknown', 'run-failed']

function caseOf(seed: number, ground: CrashGround): CrashCase {
  const random = new Seeded(seed)
  const policy = random.pick(POLICIES)
  const concurrency = 1 + random.below(3)
  const crashes = Array.from({ length: 1 + random.below(4) }, () => {
    const [point, times] = random.pick(Object.entries(POINTS))
    return `${point}:${1 + random.below(times)}`
  })
  const { service, directory } = ground
  return { service, directory, caseId: `seed-${seed}`, policy, crashes, concurrency }
}
