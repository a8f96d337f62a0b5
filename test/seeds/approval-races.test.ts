/**
 * What must hold whoever decides when, and whoever dies: no effect ever executes unapproved, and exactly one decision
 * wins. The deciders are processes of their own; the agent goes on while they decide.
 */
import { ApprovalRequiredError, ConfigError, IdempotencyConflictError, ManualClock, tool } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { Decider, type Order } from './support/children.ts'
import { fileLedger, gate, memoryLedger, temporaryFolder } from './support/ledgers.ts'
import { asked, openQuestions, refundsIn, refundTool, unapproved } from './support/refunds.ts'

const ROUNDS = 12
const ORDER = { order: 1, cents: 2_500 }

/** Two deciders in processes of their own, and an agent here that asks about one refund after the other. */
async function contest() {
  const folder = temporaryFolder()
  const ledger = fileLedger(folder)
  const refund = refundTool(folder)
  const deciders = await Promise.all([Decider.start(folder), Decider.start(folder)])
  const goOn = (id: string, order: number) =>
    ledger.run({ id, onError: 'keep' }, () => refund({ order, cents: 1 })).catch(() => undefined)
  return { folder, ledger, refund, deciders, goOn }
}

/** Each decider is told at once, now this one first and now the other; the agent goes on meanwhile. */
async function race(
  deciders: readonly Decider[],
  orders: readonly Order[],
  round: number,
  goOn: () => Promise<unknown>,
) {
  const told = deciders.map((decider, index) => () => decider.decide(orders[index] as Order))
  const acts: (() => Promise<unknown>)[] = [...told, goOn]
  const order = [...acts.slice(round % 3), ...acts.slice(0, round % 3)]
  const came = new Map(order.map((act) => [act, act()]))
  return Promise.all(told.map((act) => came.get(act) as Promise<boolean>))
}

describe('two deciders in two processes, while the agent goes on', () => {
  test.each([
    ['approve', 'approve'],
    ['approve', 'deny'],
    ['deny', 'deny'],
  ] as const)('%s against %s: exactly one wins, and is what is on record and what happens', async (one, other) => {
    const { folder, ledger, refund, deciders, goOn } = await contest()
    const expected: string[] = []
    const winners = new Set<string | null>()
    for (let round = 0; round < ROUNDS; round++) {
      const id = `turn-${round}`
      const key = await asked(ledger, id, () => refund({ order: round, cents: 1 }))
      const orders: Order[] = [
        { decision: one, key, options: { by: 'ann', reason: 'as ordered' } },
        { decision: other, key, options: { by: 'bob', reason: 'I saw it too' } },
      ]
      const won = await race(deciders, orders, round, () => goOn(id, round))
      expect(won.filter(Boolean), 'one decision counts').toHaveLength(1)
      await goOn(id, round)
      const { status, by } = (await ledger.approvals.get(key)) ?? {}
      const winner = won.indexOf(true)
      expect([by, status]).toEqual([['ann', 'bob'][winner], [one, other][winner] === 'deny' ? 'denied' : 'approved'])
      winners.add(by ?? null)
      if (status === 'approved') expected.push(`refund 1 of order ${round}`)
      expect(await unapproved(ledger, id)).toEqual([])
    }
    expect(refundsIn(folder)).toEqual(expected)
    expect(winners.size, 'a race is one where now this one wins and now the other').toBe(2)
    expect((await ledger.verify()).problems).toEqual([])
  })

  test.each([
    ['cancelled by its question', 'cancel'],
    ['cancelled with its run', 'cancel-run'],
  ] as const)('approve against being %s: it happens, or it is cancelled, and never both', async (_, other) => {
    const { folder, ledger, refund, deciders, goOn } = await contest()
    for (let round = 0; round < ROUNDS; round++) {
      const id = `turn-${round}`
      const key = await asked(ledger, id, () => refund({ order: round, cents: 1 }))
      const orders: Order[] = [
        // The agent asks anew when it was cancelled: that is another question.
        { decision: 'approve', key, options: { by: 'ann', generation: 1 } },
        { decision: other, key: other === 'cancel' ? key : id, options: { generation: 1 } },
      ]
      const [approved, canceled] = await race(deciders, orders, round, () => goOn(id, round))
      await goOn(id, round)
      const [first] = await ledger.effects.history(key)
      const happened = refundsIn(folder).includes(`refund 1 of order ${round}`)
      expect(first?.status).toBe(happened ? 'succeeded' : 'canceled')
      // A cancelled question may have had a yes before; one that executed had it, and nobody could cancel it any more.
      if (happened) expect([approved, other === 'cancel' && canceled]).toEqual([true, false])
      else expect(canceled).toBe(true)
      expect(await unapproved(ledger, id)).toEqual([])
    }
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('a no that overrules a yes, against the claim: it is taken back, or it happened, and never both', async () => {
    const { folder, ledger, refund, deciders, goOn } = await contest()
    for (let round = 0; round < ROUNDS; round++) {
      const id = `turn-${round}`
      const key = await asked(ledger, id, () => refund({ order: round, cents: 1 }))
      await ledger.approvals.approve(key)
      const no: Order = { decision: 'deny', key, options: { by: 'ann', overrule: true } }
      const won = await race(deciders, [no, { ...no, options: { by: 'bob', overrule: true } }], round, () =>
        goOn(id, round),
      )
      await goOn(id, round)
      const happened = refundsIn(folder).includes(`refund 1 of order ${round}`)
      expect(won.filter(Boolean)).toHaveLength(happened ? 0 : 1)
      expect(await unapproved(ledger, id)).toEqual([])
    }
  })
})

describe('approve against expiry', () => {
  test('in two processes: what was approved in time happens, what was not is asked about anew', async () => {
    const folder = temporaryFolder()
    const ledger = fileLedger(folder)
    const decider = await Decider.start(folder)
    const seen = new Set<boolean>()
    for (let round = 0; round < ROUNDS; round++) {
      const id = `turn-${round}`
      // The first is surely in time and the last is surely late; those between meet the end itself.
      const isEarly = round === 0
      const refund = refundTool(folder, { approval: { expiresMs: isEarly ? 60_000 : 150 } })
      const agent = () => refund({ order: round, cents: 1 })
      const key = await asked(ledger, id, agent)
      const end = (await ledger.approvals.get(key))?.expiresAt?.getTime() ?? 0
      if (!isEarly) await until(end + (round === ROUNDS - 1 ? 50 : round - 6))
      const goOn = () => ledger.run({ id }, agent).catch(() => undefined)
      const [won] = await Promise.all([
        decider.decide({ decision: 'approve', key, options: { generation: 1 } }),
        goOn(),
      ])
      if (!isEarly) await until(end + 1)
      await goOn()
      seen.add(won)
      const history = (await ledger.effects.history(key)).map(({ status }) => status)
      expect(history[0]).toBe(won ? 'succeeded' : 'canceled')
      expect(refundsIn(folder).includes(`refund 1 of order ${round}`)).toBe(won)
      expect(await unapproved(ledger, id)).toEqual([])
    }
    expect(seen.size, 'a race is one that either may win').toBe(2)
  })

  test.each([
    ['the last moment', 999, true],
    ['the end itself', 1_000, false],
  ])('at %s, with the agent asking at the same time', async (_, afterMs, inTime) => {
    const [clock, folder] = [new ManualClock(), temporaryFolder()]
    const options = { clock, leaseMs: 10 ** 12 }
    const [here, there] = [fileLedger(folder, options), fileLedger(folder, options)]
    const refund = refundTool(folder, { approval: { expiresMs: 1_000 } })
    const key = await asked(here, 'turn-1', () => refund(ORDER))
    await clock.advance(afterMs)
    const goOn = () => here.run({ id: 'turn-1' }, () => refund(ORDER)).catch(() => undefined)
    const [won] = await Promise.all([there.approvals.approve(key, { generation: 1 }), goOn()])
    await clock.advance(10_000)
    await goOn()
    expect([won, refundsIn(folder).length]).toEqual([inTime, inTime ? 1 : 0])
    expect(await unapproved(here, 'turn-1')).toEqual([])
  })
})

describe('a changed argument', () => {
  const keyed = (done: number[], policy: object = {}) =>
    tool({
      ...{ name: 'refund', approval: true, keys: ['order'], ...policy },
      execute: ({ cents }: typeof ORDER) => done.push(cents),
    })

  test('after the yes of another process executes nothing: it is a conflict, or asked about anew', async () => {
    const folder = temporaryFolder()
    const ledger = fileLedger(folder)
    const decider = await Decider.start(folder)
    const done: number[] = []
    const refund = keyed(done)
    const key = await asked(ledger, 'turn-1', () => refund(ORDER))
    const dear = { ...ORDER, cents: 990_000 }
    const goOn = (args: typeof ORDER) => ledger.run({ id: 'turn-1', retry: true, onError: 'keep' }, () => refund(args))
    // Whichever comes first: the yes, or the end of the run that came with other arguments.
    await Promise.all([decider.decide({ decision: 'approve', key }), goOn(dear).catch(() => undefined)])
    const error = await goOn(dear).catch((thrown: unknown) => thrown)
    expect(IdempotencyConflictError.isInstance(error) || ApprovalRequiredError.isInstance(error)).toBe(true)
    expect(done).toEqual([])
  })

  test('under a question that was asked anew is not covered by a yes to the one before', async () => {
    const clock = new ManualClock()
    const ledger = memoryLedger({ clock, leaseMs: 10 ** 12 })
    const done: number[] = []
    const refund = keyed(done, { approval: { expiresMs: 1_000 } })
    const key = await asked(ledger, 'turn-1', () => refund(ORDER))
    const seen = await ledger.approvals.get(key)
    await clock.advance(1_000)
    const dear = () => refund({ ...ORDER, cents: 990_000 })
    expect(await asked(ledger, 'turn-1', dear)).toBe(key)
    // The browser still shows the first one.
    expect(await ledger.approvals.approve(key, { generation: seen?.generation ?? 0 })).toBe(false)
    await expect(ledger.approvals.approve(key)).rejects.toThrow(ConfigError)
    await ledger.run({ id: 'turn-1' }, dear).catch(() => undefined)
    expect(done).toEqual([])
    const anew = await ledger.approvals.get(key)
    expect(anew).toMatchObject({ generation: 2, status: 'pending', args: { cents: 990_000 } })
    expect(await ledger.approvals.approve(key, { generation: 2 })).toBe(true)
    await ledger.run({ id: 'turn-1' }, dear)
    expect(done).toEqual([990_000])
  })

  test('that the caller makes to its object reaches neither the question nor the body', async () => {
    const ledger = memoryLedger()
    const done: number[] = []
    const slow = gate()
    const refund = tool({
      ...{ name: 'refund', approval: true, keys: ['order'] },
      execute: async (args: typeof ORDER) => {
        await slow.pass()
        done.push(args.cents)
      },
    })
    const args = { ...ORDER }
    const key = await asked(ledger, 'turn-1', () => refund(args))
    await ledger.approvals.approve(key)
    const ended = ledger.run({ id: 'turn-1' }, () => refund(args))
    await slow.entered
    args.cents = 990_000
    slow.open()
    await ended
    expect(done).toEqual([2_500])
  })

  test('that comes between the call and the question is refused, so that nobody is asked about the wrong one', async () => {
    const ledger = memoryLedger()
    const done: number[] = []
    const refund = keyed(done)
    const dear = { ...ORDER, cents: 990_000 }
    const changing = () => {
      const args = { ...dear }
      const called = refund(args)
      args.cents = 5
      return called
    }
    await expect(ledger.run({ id: 'turn-1', onError: 'keep' }, changing)).rejects.toThrow('were changed after')
    expect(await openQuestions(ledger)).toEqual([])
    const key = await asked(ledger, 'turn-2', () => refund(dear))
    expect(await ledger.approvals.get(key)).toMatchObject({ args: dear })
    expect(done).toEqual([])
  })

  test('of two approvers who edit it at once, the one who wins is executed, and both are told', async () => {
    const { folder, ledger, refund, deciders } = await contest()
    for (let round = 0; round < ROUNDS; round++) {
      const id = `turn-${round}`
      const key = await asked(ledger, id, () => refund({ order: round, cents: 9 }))
      const edits = [1, 2].map(
        (cents): Order => ({
          ...{ decision: 'approve', key },
          options: { by: `for ${cents}`, args: { order: round, cents } },
        }),
      )
      const won = await race(deciders, edits, round, async () => undefined)
      expect(won.filter(Boolean)).toHaveLength(1)
      await ledger.run({ id }, () => refund({ order: round, cents: 9 }))
      const cents = won.indexOf(true) + 1
      expect(refundsIn(folder).at(-1)).toBe(`refund ${cents} of order ${round}`)
      const approval = await ledger.approvals.get(key)
      expect(approval).toMatchObject({ by: `for ${cents}`, args: { cents }, originalArgs: { cents: 9 } })
    }
    expect(refundsIn(folder)).toHaveLength(ROUNDS)
  })
})

async function until(time: number): Promise<void> {
  while (Date.now() < time) await new Promise<void>((resolve) => setImmediate(resolve))
}
