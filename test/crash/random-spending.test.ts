import { usd } from 'holdfast'
import { afterAll, describe, expect, it } from 'vitest'
import { startTogether } from '../races/support/money/spenders.ts'
import { SpendingGround } from '../races/support/money/spending-ground.ts'
import { Seeded } from './support/seeded.ts'
import { Slots } from './support/slots.ts'

const soaking = process.env.HOLDFAST_SOAK === '1'
const seedCount = Number(process.env.HOLDFAST_SOAK_SEEDS ?? (soaking ? 300 : 40))
const firstSeed = Number(process.env.HOLDFAST_SOAK_FIRST ?? 1)
const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index)

const PROCESSES = 4
const CALLS = 12

describe('four processes that spend, half of them killed at random', () => {
  const slots = new Slots(2)
  let lost = 0

  afterAll(() => expect(lost, 'calls whose sender died before it had their answer').toBeGreaterThan(0))

  it.concurrent.for(seeds)('leave no call unaccounted and no scope blocked: seed %i', async (seed) => {
    await slots.use(async () => {
      lost += await spendAndDie(seed)
    })
  })
})

/** Answers how many calls nobody knows the cost of. */
async function spendAndDie(seed: number): Promise<number> {
  const random = new Seeded(seed)
  const budget = () => usd(`0.0${1 + random.below(9)}`)
  await using ground = await SpendingGround.prepare(seed, {
    'user:ann': budget(),
    'org:acme': budget(),
    ledger: budget(),
  })
  const spenders = await startTogether(Array.from({ length: PROCESSES }, (_, worker) => ground.job(worker, CALLS)))
  const deaths = new Set([1 + random.below(4), 4 + random.below(4)])
  ground.provider.onBill((count, { worker }) => {
    // Its sender dies before it is answered; with it whatever else it has in flight.
    if (deaths.has(count)) spenders[worker]?.kill()
  })
  const spent = await Promise.all(spenders.map((spender) => spender.over()))
  expect(spent.flatMap((one) => one?.errors ?? [])).toEqual([])
  await ground.expectAccounted()
  const calls = await ground.ledger.calls.list({ limit: 10_000 })
  return calls.filter(({ cost }) => cost?.status === 'charged').length
}
