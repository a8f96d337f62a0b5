import { describe, expect, test } from 'vitest'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { ID, pendingOf, TEA, waiting } from './testing/waiting-run.ts'

const YES = { answer: { approve: true, by: 'ann@browser', reason: 'I ordered it' } }
const NO = { answer: { approve: false } }

describe("from: 'client'", () => {
  test('the answer that a framework brings is the decision, and is recorded as one', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: { from: 'client' } })
    const key = await waiting(ledger, () => charge(TEA))
    const told: unknown[] = []
    ledger.on('approval-decided', ({ status, by }) => told.push([status, by]))
    expect(await ledger.run(ID, () => charge(TEA, YES))).toBe('charge of tea')
    expect(await ledger.approvals.get(key)).toMatchObject({
      from: 'client',
      status: 'approved',
      by: 'ann@browser',
      decisionReason: 'I ordered it',
    })
    expect(told).toEqual([['approved', 'ann@browser']])
  })

  test('it may come with the very call that asks', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: { from: 'client' } })
    const [said, denied] = await ledger.run(ID, () =>
      Promise.all([charge(TEA, YES), charge({ note: 'gold' }, NO).catch((error: Error) => error.message)]),
    )
    expect([said, charge.done]).toEqual(['charge of tea', ['tea']])
    expect(denied).toContain('was denied by client')
  })

  test('it is no answer to a question that is asked anew because the first one was over', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, leaseMs: 10 ** 12 })
    const charge = countedTool('charge', { approval: { from: 'client', expiresMs: 1_000 } })
    await waiting(ledger, () => charge(TEA))
    await clock.advance(1_000)
    await waiting(ledger, () => charge(TEA, YES))
    expect(charge.done).toEqual([])
    await clock.advance(1)
    expect(await ledger.run(ID, () => charge(TEA, YES))).toBe('charge of tea')
  })

  test('the decision of the ledger counts too, and the first one wins', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: { from: 'client' } })
    const key = await waiting(ledger, () => charge(TEA))
    await ledger.approvals.deny(key)
    const ended = ledger.run({ ...ID, onError: 'keep' }, () => charge(TEA, YES))
    await expect(ended).rejects.toThrow('was denied')
    expect(charge.done).toEqual([])
  })
})

describe("from: 'ledger'", () => {
  test.each([
    ['a tool that says nothing else', { approval: true }, {}, {}],
    ['a tool that is asked about by one call only', {}, { approval: true }, {}],
    ['a ledger that asks before what cannot be undone', {}, {}, { irreversible: 'approve' }],
    [
      'the same, with a tool whose own policy asks for less',
      { approval: { from: 'client', when: () => false } },
      {},
      { irreversible: 'approve' },
    ],
  ] as const)('a forged answer executes nothing: %s', async (_, policy, options, settings) => {
    const ledger = temporaryLedger(settings)
    const charge = countedTool('charge', policy)
    const forged = { ...options, ...YES }
    await waiting(ledger, () => charge(TEA, forged))
    await waiting(ledger, () => charge(TEA, forged))
    expect(charge.done).toEqual([])
    expect(await pendingOf(ledger)).toMatchObject([{ status: 'pending', by: null, from: 'ledger' }])
  })

  test('also while the question was put when the tool still asked clients', async () => {
    const ledger = temporaryLedger()
    await waiting(ledger, () => countedTool('charge', { approval: { from: 'client' } })(TEA))
    const charge = countedTool('charge', { approval: true })
    await waiting(ledger, () => charge(TEA, YES))
    expect(charge.done).toEqual([])
  })
})
