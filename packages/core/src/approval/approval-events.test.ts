import { expect, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { ID, TEA, waiting } from './testing/waiting-run.ts'

const BY_ANN = { by: 'ann', reason: 'CHG-118' }
const ABOUT = { runId: ID.id, tool: 'charge' }

function toldBy(ledger: Ledger): unknown[] {
  const told: unknown[] = []
  ledger.on('approval-requested', (event) => told.push(['requested', event]))
  ledger.on('approval-decided', (event) => told.push(['decided', event]))
  ledger.on('run-waiting', (event) => told.push(['waiting', event]))
  return told
}

test('a question and its answer are told, each once, in the process where they happen', async () => {
  const ledger = temporaryLedger()
  const told = toldBy(ledger)
  const charge = countedTool('charge', { approval: true })
  const key = await waiting(ledger, () => charge(TEA))
  await waiting(ledger, () => charge(TEA))
  await ledger.approvals.deny(key, BY_ANN)
  const about = { ...ABOUT, key, generation: 1 }
  expect(told).toEqual([
    ['requested', { ...about, reason: null, expiresAt: null }],
    ['waiting', { runId: ID.id }],
    ['waiting', { runId: ID.id }],
    ['decided', { ...about, status: 'denied', ...BY_ANN }],
  ])
})

test('what is told says which question of a key it is about: that one can be approved by it, and no other', async () => {
  const clock = new ManualClock()
  const ledger = temporaryLedger({ clock, leaseMs: 10 ** 12 })
  const generations: number[] = []
  ledger.on('approval-requested', ({ generation }) => generations.push(generation))
  ledger.on('approval-decided', ({ generation }) => generations.push(-generation))
  const charge = countedTool('charge', { approval: { expiresMs: 1_000 } })
  const key = await waiting(ledger, () => charge(TEA))
  await clock.advance(1_000)
  await waiting(ledger, () => charge(TEA))
  expect(await ledger.approvals.approve(key, { generation: 1 })).toBe(false)
  expect(await ledger.approvals.approve(key, { generation: 2 })).toBe(true)
  expect(generations).toEqual([1, 2, -2])
})

test('a question that is put by hand, and the answer of a client, are told alike', async () => {
  const ledger = temporaryLedger()
  const told = toldBy(ledger)
  const charge = countedTool('charge')
  const refund = countedTool('refund', { approval: { from: 'client' } })
  await ledger
    .run(ID, async (run) => {
      const claim = await run.begin(charge, TEA)
      if (claim.kind !== 'claimed') throw new Error(claim.kind)
      await ledger.approvals.request(claim.key)
      await ledger.approvals.deny(claim.key)
      await refund(TEA).catch(() => undefined)
    })
    .catch(() => undefined)
  await ledger.run(ID, (run) => run.perform(refund, TEA, { answer: { approve: true } }))
  const [first] = await ledger.effects.list({ tool: 'charge' })
  expect(told).toMatchObject([
    ['requested', { ...ABOUT, key: first?.key, generation: 1, reason: null, expiresAt: null }],
    ['decided', { ...ABOUT, key: first?.key, generation: 1, status: 'denied' }],
    ['requested', { tool: 'refund', generation: 1 }],
    ['waiting', { runId: ID.id }],
    ['decided', { tool: 'refund', generation: 1, status: 'approved', by: 'client' }],
  ])
})
