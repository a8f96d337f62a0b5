import { describe, expect, test } from 'vitest'
import { countedTool } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { ID, pendingOf, TEA, waiting } from './testing/waiting-run.ts'

const BLOCK = { approval: { block: true } } as const
const NEVER = { initialMs: 10 ** 9, maxMs: 10 ** 9, jitter: 0 }

describe('block: true waits in place', () => {
  test.each([
    ['approve', 'charge of tea', ['tea']],
    ['deny', 'was denied', []],
  ] as const)('and hears of a decision of this process (%s) at once', async (decision, says, done) => {
    const ledger = temporaryLedger({ wait: NEVER })
    const charge = countedTool('charge', BLOCK)
    const ended = ledger.run({ ...ID, onError: 'keep' }, () => charge(TEA)).catch((error: Error) => error.message)
    await eventually(async () => {
      const [question] = await pendingOf(ledger)
      expect(await ledger.approvals[decision](question?.key ?? '')).toBe(true)
    })
    expect(await ended).toContain(says)
    expect(charge.done).toEqual(done)
  })

  test('and finds a decision that another process made', async () => {
    const folder = temporaryFolder()
    const [here, there] = [temporaryLedger({ wait: { maxMs: 20 } }, folder), temporaryLedger({}, folder)]
    const charge = countedTool('charge', BLOCK)
    const ended = here.run(ID, () => charge(TEA))
    await eventually(async () => {
      const [question] = await pendingOf(there)
      expect(await there.approvals.approve(question?.key ?? '')).toBe(true)
    })
    expect(await ended).toBe('charge of tea')
  })

  test('and joins all who ask for the same meanwhile, while others go on', async () => {
    const ledger = temporaryLedger()
    const [charge, mail] = [countedTool('charge', BLOCK), countedTool('mail')]
    ledger.on('approval-requested', ({ key }) => void ledger.approvals.approve(key))
    const agent = () => Promise.all([charge(TEA), charge(TEA), mail(TEA)])
    expect(await ledger.run(ID, agent)).toEqual(['charge of tea', 'charge of tea', 'mail of tea'])
    expect([charge.done, mail.done]).toEqual([['tea'], ['tea']])
  })

  test('and asks anew when the question is over', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, leaseMs: 10 ** 12, wait: { jitter: 0 } })
    const charge = countedTool('charge', { approval: { block: true, expiresMs: 1_000 } })
    const asked: (Date | null)[] = []
    ledger.on('approval-requested', ({ key, expiresAt }) => {
      asked.push(expiresAt)
      if (asked.length === 3) void ledger.approvals.approve(key)
    })
    const ended = ledger.run(ID, () => charge(TEA))
    await eventually(async () => {
      await clock.advance(50)
      expect(asked).toHaveLength(3)
    })
    expect(await ended).toBe('charge of tea')
    expect(await ledger.effects.list()).toMatchObject([
      { status: 'canceled' },
      { status: 'canceled' },
      { status: 'succeeded' },
    ])
  })

  test('until its run is stopped', async () => {
    const ledger = temporaryLedger({ wait: NEVER })
    const charge = countedTool('charge', BLOCK)
    const controller = new AbortController()
    const ended = ledger.run({ ...ID, signal: controller.signal }, () => charge(TEA))
    await eventually(async () => expect(await pendingOf(ledger)).toHaveLength(1))
    controller.abort(new Error('enough'))
    await expect(ended).rejects.toThrow('enough')
    expect(charge.done).toEqual([])
  })

  test('but not in a run that waits for another approval that nobody waits for in place', async () => {
    const ledger = temporaryLedger({ wait: NEVER })
    const [charge, mail] = [countedTool('charge', BLOCK), countedTool('mail', { approval: true })]
    await waiting(ledger, () => Promise.all([charge(TEA), mail(TEA)]))
    const open = await pendingOf(ledger)
    for (const { key } of open) await ledger.approvals.approve(key)
    expect(await ledger.run(ID, () => Promise.all([charge(TEA), mail(TEA)]))).toEqual(['charge of tea', 'mail of tea'])
  })
})
