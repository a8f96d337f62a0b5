import { usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { Seeded } from '../crash/support/seeded.ts'
import { startTogether } from './support/money/spenders.ts'
import { SpendingGround } from './support/money/spending-ground.ts'
import type { SpendingJob } from './support/money/spending-job.ts'

const PROCESSES = 8
const CALLS = 50

describe('8 processes with 50 calls at once each, on three scopes that they share', () => {
  test('never hold or spend more than any limit, also while these are raised and lowered', async () => {
    const scopes = { 'user:ann': usd('0.5'), 'org:acme': usd('0.4'), ledger: usd('0.6') }
    await using ground = await SpendingGround.prepare(1, scopes)
    const random = new Seeded(1)
    const moves: Promise<void>[] = []
    ground.provider.onBill((count) => {
      if (count % 8 !== 0) return
      const scope = random.pick(Object.keys(scopes))
      moves.push(ground.ledger.scopes.limit(scope, { budget: usd(`0.${2 + random.below(7)}`) }))
    })
    const spenders = await startTogether(jobs(ground, PROCESSES, CALLS))
    const spent = await Promise.all(spenders.map((spender) => spender.over()))
    await Promise.all(moves)
    expect(spent.flatMap((one) => one?.errors ?? [])).toEqual([])
    expect(moves.length, 'limits were moved while money was spent').toBeGreaterThan(2)
    const refused = spent.reduce((sum, one) => sum + (one?.refused ?? 0), 0)
    const answered = spent.reduce((sum, one) => sum + (one?.answered ?? 0), 0)
    expect(answered).toBe(ground.provider.bills.length)
    expect(answered + refused).toBe(PROCESSES * CALLS)
    expect(refused).toBeGreaterThan(0)
    await ground.expectAccounted()
  })
})

test('of 200 calls at once under a limit for 2, over four processes, exactly 2 reach the provider', async () => {
  // 2,048 tokens and the request's bytes for the input, 4,000 of output: above 10,048,000 nano-USD, below 10,500,000.
  await using ground = await SpendingGround.prepare(2, { 'user:ann': usd('0.021') })
  const answer = ground.provider.keepAnswers()
  let refused = 0
  const cold = jobs(ground, 4, 50).map((job) => ({ ...job, maxTokens: 4_000 }))
  const spenders = await startTogether(cold, () => {
    refused++
    if (refused === 198) answer()
  })
  const spent = await Promise.all(spenders.map((spender) => spender.over()))
  expect(spent.flatMap((one) => one?.errors ?? [])).toEqual([])
  expect(ground.provider.bills).toHaveLength(2)
  await ground.expectAccounted()
})

function jobs(ground: SpendingGround, processes: number, calls: number): readonly SpendingJob[] {
  return Array.from({ length: processes }, (_, worker) => ground.job(worker, calls))
}
