import { describe, expect, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { ID, pendingOf, TEA, waiting } from './testing/waiting-run.ts'

const ROUNDS = Array.from({ length: 20 }, (_, round) => round)

/** Two ledgers with connections of their own: to the file they are two processes. */
function pair(): readonly [Ledger, Ledger] {
  const folder = temporaryFolder()
  return [temporaryLedger({}, folder), temporaryLedger({}, folder)]
}

describe('two who decide at the same time', () => {
  test.each([
    ['approve', 'approve'],
    ['approve', 'deny'],
    ['approve', 'cancel'],
    ['deny', 'cancel'],
  ] as const)('%s and %s: exactly one decision wins, and what happens is what it says', async (one, other) => {
    const [first, second] = pair()
    for (const round of ROUNDS) {
      const id = `turn-${round}`
      const charge = countedTool('charge', { approval: true })
      const key = await waiting(first, () => charge(TEA), id)
      const decided: string[] = []
      for (const { on } of [first, second].map((ledger) => ({ on: ledger.on.bind(ledger) })))
        on('approval-decided', ({ key: of, status }) => void (of === key && decided.push(status)))
      const acts = [() => first.approvals[one](key), () => second.approvals[other](key)]
      const won = await Promise.all((round % 2 ? acts.toReversed() : acts).map((act) => act()))
      // A cancellation may also take a yes back that nothing has come of.
      const expected = other === 'cancel' && one === 'approve' ? [1, 2] : [1]
      expect(expected).toContain(won.filter(Boolean).length)
      expect(decided).toHaveLength(won.filter(Boolean).length)
      const { status } = (await first.approvals.get(key)) ?? {}
      expect(decided.at(-1)).toBeDefined()
      expect(decided).toContain(status)
      await second.run({ id, onError: 'keep' }, () => charge(TEA)).catch(() => undefined)
      expect(charge.done).toEqual(status === 'approved' ? ['tea'] : [])
    }
    expect((await first.verify()).problems).toEqual([])
  })

  test('approve against the end of its time: after it nothing executes, before it the yes stays', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, leaseMs: 10 ** 12 })
    for (const round of ROUNDS) {
      const id = `turn-${round}`
      const charge = countedTool('charge', { approval: { expiresMs: 100 } })
      const key = await waiting(ledger, () => charge(TEA), id)
      await clock.advance(95 + (round % 10))
      const isInTime = round % 10 < 5
      expect(await ledger.approvals.approve(key)).toBe(isInTime)
      await clock.advance(1_000)
      const ended = ledger.run({ id }, () => charge(TEA))
      if (isInTime) expect(await ended).toBe('charge of tea')
      else await expect(ended).rejects.toThrow('needs an approval')
      expect(charge.done.length).toBe(isInTime ? 1 : 0)
    }
  })

  test('approve against the run being canceled: nothing executes after that', async () => {
    const [first, second] = pair()
    for (const round of ROUNDS) {
      const id = `turn-${round}`
      const charge = countedTool('charge', { approval: true })
      const key = await waiting(first, () => charge(TEA), id)
      const acts = [() => first.approvals.approve(key), () => second.runs.cancel(id)]
      await Promise.all((round % 2 ? acts.toReversed() : acts).map((act) => act()))
      await expect(first.run({ id }, () => charge(TEA))).rejects.toThrow()
      expect(charge.done).toEqual([])
      expect(await first.approvals.get(key)).toMatchObject({ status: 'canceled' })
    }
  })
})

test('an approved effect executes once, however many runs of a thread wait for it', async () => {
  const [first, second] = pair()
  const charge = countedTool('charge', { approval: true, once: 'thread', keys: ['note'] })
  const turns = [first, second, first, second].map((ledger, turn) => ({
    ledger,
    run: { id: `turn-${turn}`, thread: 'chat' },
  }))
  const ask = () => Promise.allSettled(turns.map(({ ledger, run }) => ledger.run(run, () => charge(TEA))))
  await ask()
  const [question] = await pendingOf(first)
  await first.approvals.approve(question?.key ?? '')
  const answers = await ask()
  expect(answers.map((answer) => answer.status === 'fulfilled' && answer.value)).toEqual(Array(4).fill('charge of tea'))
  expect(charge.done).toEqual(['tea'])
})

test('a question, a decision and the end of both leave a log that tells of them in their order', async () => {
  const ledger = temporaryLedger()
  const charge = countedTool('charge', { approval: true })
  const key = await waiting(ledger, () => charge(TEA))
  await ledger.approvals.deny(key)
  await ledger.approvals.approve(key, { overrule: true })
  await ledger.run(ID, () => charge(TEA))
  const { entries } = await ledger.runs.export(ID.id)
  expect(entries.map(({ kind }) => kind)).toEqual([
    'run-opened',
    'approval-requested',
    'run-waiting',
    'approval-denied',
    'approval-approved',
    'run-resumed',
    'effect-claimed',
    'effect-succeeded',
    'run-closed',
  ])
})
