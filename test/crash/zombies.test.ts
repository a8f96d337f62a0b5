import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrashGround } from './support/crash-ground.ts'
import { problemsOf } from './support/invariants.ts'
import { STUBBORN_DEEDS } from './support/order-agent.ts'
import { Slots } from './support/slots.ts'
import { completeAfter, raiseZombie, shopRows, type ZombieCase } from './support/zombie-case.ts'

interface Zombie extends Omit<ZombieCase, 'caseId'> {
  readonly title: string
  /** What the old process may add to the log: what it knows of its own deed. */
  readonly adds: readonly string[]
  /** Steps that the old process had done, or was in the middle of, when it was stopped. */
  readonly before: readonly string[]
  readonly heir: 'completed' | 'effect-unknown' | 'killed'
}

const CALLS = ['first call', 'second call']
const TO_CHARGE = [...CALLS, 'charge']
const TO_FLAKY = [...TO_CHARGE, 'another charge', 'read', 'flaky']

const ZOMBIES: readonly Zombie[] = [
  {
    title: 'inside an effect that halts: its outcome is evidence',
    ...{ stopAt: 'in-body:1', policy: 'halt', adds: ['effect-evidence'], before: TO_CHARGE, heir: 'effect-unknown' },
  },
  {
    title: 'inside an effect that the heir ran again: its outcome is kept beside',
    ...{ stopAt: 'in-body:1', policy: 'retry', adds: ['late-outcome'], before: TO_CHARGE, heir: 'completed' },
  },
  {
    title: 'inside an effect that the heir reconciled: its outcome is kept beside',
    ...{ stopAt: 'in-body:1', policy: 'reconcile', adds: ['late-outcome'], before: TO_CHARGE, heir: 'completed' },
  },
  {
    title: 'inside an effect, while the heir is at work',
    ...{ stopAt: 'in-body:1', heirStopsAt: 'between-effects:1', policy: 'retry', adds: ['late-outcome'] },
    ...{ before: TO_CHARGE, heir: 'completed' },
  },
  {
    title: 'before the commit of an effect',
    ...{
      stopAt: 'before-commit:1',
      policy: 'halt',
      adds: ['effect-evidence'],
      before: TO_CHARGE,
      heir: 'effect-unknown',
    },
  },
  {
    title: 'before the commit of rows of its own: the heir wrote them',
    ...{
      stopAt: 'before-commit:5',
      policy: 'halt',
      adds: ['late-outcome'],
      before: [...TO_FLAKY, 'row'],
      heir: 'completed',
    },
  },
  {
    title: 'between two effects',
    ...{ stopAt: 'between-effects:1', policy: 'halt', adds: [], before: TO_CHARGE, heir: 'completed' },
  },
  {
    title: 'between two effects, while the heir is at work',
    ...{ stopAt: 'between-effects:1', heirStopsAt: 'between-effects:1', policy: 'halt', adds: [] },
    ...{ before: TO_CHARGE, heir: 'completed' },
  },
  {
    title: 'before the claim of an effect',
    ...{ stopAt: 'before-claim:2', policy: 'halt', adds: [], before: TO_CHARGE, heir: 'completed' },
  },
  {
    title: 'between two calls',
    ...{ stopAt: 'between-calls:1', policy: 'halt', adds: [], before: ['first call'], heir: 'completed' },
  },
  {
    title: 'between two calls, while the heir is at work',
    ...{ stopAt: 'between-calls:1', heirStopsAt: 'in-body:1', policy: 'halt', adds: [] },
    ...{ before: ['first call'], heir: 'completed' },
  },
  {
    title: 'inside a call: that it was answered is on record',
    ...{
      stopAt: 'in-call:2',
      policy: 'halt',
      adds: ['call-settled', 'hold-corrected'],
      before: CALLS,
      heir: 'completed',
    },
  },
  {
    title: 'inside a call that the heir made again before it died: the answer that the heir acted on is the one',
    ...{
      stopAt: 'in-call:2',
      heirStopsAt: 'in-body:1',
      heirDies: true,
      policy: 'retry',
      adds: ['call-settled', 'hold-corrected'],
    },
    ...{ before: CALLS, heir: 'killed' },
  },
  {
    title: 'inside an attempt that would be tried again: it was the last',
    ...{ stopAt: 'in-flaky:1', policy: 'halt', adds: ['effect-evidence'], before: TO_FLAKY, heir: 'effect-unknown' },
  },
  {
    title: 'inside an attempt that would be tried again, and that the heir repeated',
    ...{ stopAt: 'in-flaky:1', policy: 'retry', adds: ['late-outcome'], before: TO_FLAKY, heir: 'completed' },
  },
  {
    title: 'between an attempt and the record of the next',
    ...{ stopAt: 'before-commit:3', policy: 'retry', adds: ['late-outcome'], before: TO_FLAKY, heir: 'completed' },
  },
  {
    title: 'between the claim and the body of an effect: that it never began is evidence',
    ...{ stopAt: 'after-claim:1', policy: 'halt', adds: ['effect-evidence'], before: CALLS, heir: 'effect-unknown' },
  },
  {
    title: 'between the record of a call and its request',
    ...{
      stopAt: 'before-send:2',
      policy: 'halt',
      adds: ['call-failed', 'hold-corrected'],
      before: ['first call'],
      heir: 'completed',
    },
  },
]

describe('a process that was stopped past its lease starts nothing when it goes on', () => {
  let ground: CrashGround
  const slots = new Slots(2)

  beforeAll(async () => {
    ground = await CrashGround.prepare()
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  for (const [index, zombie] of ZOMBIES.entries()) {
    it.concurrent(zombie.title, async () => {
      await slots.use(() => goesOn({ ...zombie, caseId: `zombie-${index}` }))
    })
  }

  async function goesOn(zombie: Zombie & ZombieCase): Promise<void> {
    const end = await raiseZombie(zombie, ground)
    const { old, heir } = end
    const cameTo = heir.report?.kind === 'failed' ? heir.report.code : heir.report?.kind
    expect(cameTo ?? 'killed').toBe(zombie.heir)

    expect(old.report).toMatchObject({ kind: 'failed', code: 'lease-lost' })
    const later = Object.entries(old.steps).filter(([step]) => !zombie.before.includes(step))
    expect(later.length).toBeGreaterThan(0)
    expect(later.filter(([, came]) => came !== 'lease-lost')).toEqual([])
    // No effect, no call, no retry and no read went out, and what it added is about what it had begun.
    expect(end.oldLines.after).toBe(end.oldLines.before)
    expect(end.newEntries.filter((kind) => !zombie.adds.includes(kind))).toEqual([])

    const { execution, file, lines } = await completeAfter(zombie, ground, end.ledgerPath)
    expect(execution.report).toMatchObject({ kind: 'completed' })
    expect(problemsOf({ policy: zombie.policy, file, lines, deeds: STUBBORN_DEEDS })).toEqual([])
    expect(shopRows(end.ledgerPath)).toEqual([{ what: 'sold' }])
  }
})
