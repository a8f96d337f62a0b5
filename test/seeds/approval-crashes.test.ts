/**
 * Approvals and death: a process that is killed between its claim and the question, between the question and the answer,
 * and between the answer and the wake. Nothing executes unapproved, and a yes is neither lost nor used twice.
 */
import { once } from 'node:events'
import type { Ledger, ToolPolicy } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { Decider, heard, killedAt, startChild } from './support/children.ts'
import { fileLedger, temporaryFolder } from './support/ledgers.ts'
import { asked, openQuestions, refundsIn, refundTool, unapproved } from './support/refunds.ts'

const AGENT = './refunding-agent.ts'
const ORDER = { order: 1, cents: 2_500 }
const DONE = ['refund 2500 of order 1']
type Policy = ToolPolicy<typeof ORDER, string>

/** A fresh process, as far as the file can tell, with the tool as it is from now on. */
function nextLife(folder: string, policy: Policy = {}) {
  const refund = refundTool(folder, policy)
  const agent = () => refund(ORDER)
  const ledger = fileLedger(folder, { tools: [refund], agents: { support: agent } })
  return { ledger, agent }
}

/** Asks, sees that nothing happens before the yes, and that it happens once after it. */
async function expectAskedFirst(ledger: Ledger, agent: () => Promise<string>, folder: string): Promise<void> {
  const key = await asked(ledger, 'turn-1', agent)
  expect(refundsIn(folder)).toEqual([])
  expect(await ledger.approvals.approve(key)).toBe(true)
  expect(await ledger.run({ id: 'turn-1' }, agent)).toBe('2500 refunded')
  expect(refundsIn(folder)).toEqual(DONE)
  expect((await ledger.verify()).problems).toEqual([])
}

describe('killed between its claim and the question', () => {
  test.each([
    ['begin by hand', 'begun'],
    ['without a policy', 'after-claim'],
    ['without a policy', 'before-body'],
  ])('%s, at %s: whoever takes over has to ask', async (how, point) => {
    const folder = temporaryFolder()
    await killedAt(point, AGENT, folder, how)
    const { ledger, agent } = nextLife(folder, { onUnknown: 'retry' })
    await expectAskedFirst(ledger, agent, folder)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', generation: 1, attempt: 2 }])
  })

  test.each(['halt', () => ({ kind: 'unknown' as const }), () => ({ kind: 'not_applied' as const })])(
    'and with every other policy for what nobody knows: nothing executes without a yes (%s)',
    async (onUnknown) => {
      const folder = temporaryFolder()
      await killedAt('after-claim', AGENT, folder, 'without a policy')
      const { ledger, agent } = nextLife(folder, { onUnknown: onUnknown as Policy['onUnknown'] & {} })
      await ledger.run({ id: 'turn-1', onError: 'keep' }, agent).catch(() => undefined)
      expect(refundsIn(folder)).toEqual([])
      for (const key of await openQuestions(ledger)) await ledger.approvals.deny(key)
      await ledger.run({ id: 'turn-1', retry: true, onError: 'keep' }, agent).catch(() => undefined)
      await ledger.recover()
      expect(refundsIn(folder)).toEqual([])
    },
  )
})

describe('killed while it asks', () => {
  test.each(['before-claim', 'in-request-transaction', 'after-request'])('at %s', async (point) => {
    const folder = temporaryFolder()
    await killedAt(point, AGENT, folder, 'with a policy')
    const { ledger, agent } = nextLife(folder)
    const recovery = await ledger.recover()
    expect(recovery).toMatchObject({ resumed: [] })
    await expectAskedFirst(ledger, agent, folder)
    expect(await unapproved(ledger, 'turn-1')).toEqual([])
    // It was asked once: a question that was put stays the same.
    const { entries } = await ledger.runs.export('turn-1')
    expect(entries.filter(({ kind }) => kind === 'approval-requested')).toHaveLength(1)
  })
})

describe('killed between the yes and the wake', () => {
  test.each([
    ['before-wake', []],
    ['before-claim:2', []],
    ['in-claim-transaction', []],
    ['after-claim', []],
    ['before-body', []],
    ['after-body', DONE],
  ])('the agent, at %s: the yes still counts, for one execution', async (point, before) => {
    const folder = temporaryFolder()
    const agentProcess = startChild(AGENT, [folder, 'blocking'], point)
    await heard(agentProcess)
    const decider = await Decider.start(folder)
    const ended = once(agentProcess, 'exit')
    const { ledger, agent } = nextLife(folder, {
      onUnknown: () => ({ kind: refundsIn(folder).length ? 'applied' : 'not_applied', result: '2500 refunded' }),
    })
    const [key = ''] = await openQuestions(ledger)
    expect(await decider.decide({ decision: 'approve', key, options: { by: 'ann' } })).toBe(true)
    expect((await ended)[1]).toBe('SIGKILL')
    expect(refundsIn(folder)).toEqual(before)
    const wasClaimed = (await ledger.effects.history(key))[0]?.attempt === 1
    const again = await ledger.run({ id: 'turn-1' }, agent).catch((error: unknown) => error)
    const [first, second] = await ledger.effects.history(key)
    if (wasClaimed && before.length === 0) {
      // That one life of the effect was approved, and is known to be over: the next one needs a yes of its own.
      expect(again).toMatchObject({ code: 'approval-required' })
      expect([first?.status, second?.status]).toEqual(['failed', 'requires_approval'])
      expect(refundsIn(folder)).toEqual([])
    } else {
      expect(again).toBe('2500 refunded')
      expect([first?.status, second]).toEqual(['succeeded', undefined])
      expect(refundsIn(folder)).toEqual(DONE)
    }
    expect(await unapproved(ledger, 'turn-1')).toEqual([])
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('the decider, in the middle of its transaction: nothing was decided', async () => {
    const folder = temporaryFolder()
    const { ledger, agent } = nextLife(folder)
    await ledger.run({ id: 'turn-1', name: 'support' }, agent).catch(() => undefined)
    const [key = ''] = await openQuestions(ledger)
    const decider = await Decider.start(folder, 'in-decision-transaction')
    await decider.diesOf({ decision: 'approve', key })
    expect(await ledger.approvals.get(key)).toMatchObject({ status: 'pending', by: null })
    // Nobody goes on with what still waits.
    expect(await ledger.recover()).toMatchObject({ resumed: [], resumable: [] })
    await expectAskedFirst(ledger, agent, folder)
  })

  test('the decider, as soon as its decision is made: recover goes on with the run in a third process', async () => {
    const folder = temporaryFolder()
    const first = nextLife(folder)
    const support = { id: 'turn-1', name: 'support' }
    await first.ledger.run(support, first.agent).catch(() => undefined)
    const [key = ''] = await openQuestions(first.ledger)
    const decider = await Decider.start(folder, 'decided')
    await decider.diesOf({ decision: 'approve', key, options: { by: 'ann' } })
    await first.ledger.close()
    const { ledger } = nextLife(folder)
    expect(await ledger.approvals.get(key)).toMatchObject({ status: 'approved', by: 'ann' })
    const [one, other] = await Promise.all([ledger.recover(), nextLife(folder).ledger.recover()])
    expect([...one.resumed, ...other.resumed]).toEqual([{ runId: 'turn-1' }])
    expect(refundsIn(folder)).toEqual(DONE)
    expect(await unapproved(ledger, 'turn-1')).toEqual([])
  })
})
