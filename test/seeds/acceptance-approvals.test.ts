/**
 * What the seeds must be beaten at where a human decides: A1 to A5. The races between deciders, expiry and cancellation
 * are in approval-races.test.ts, the deaths in between in approval-crashes.test.ts.
 */
import {
  ApprovalDeniedError,
  ApprovalRequiredError,
  ConfigError,
  createLedger,
  executePlan,
  IdempotencyConflictError,
  type Ledger,
  type LedgerOptions,
  ManualClock,
  memory,
  saga,
  type ToolPolicy,
  tool,
} from 'holdfast'
import { describe, expect, test } from 'vitest'
import { fileLedger, memoryLedger, temporaryFolder } from './support/ledgers.ts'
import { asked, openQuestions } from './support/refunds.ts'

const ID = { id: 'turn-1' }
const LOST = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
type Policy = ToolPolicy<undefined, string>

/** A tool that counts its executions; `fails` is what it throws, time after time, until nothing is left to throw. */
function counted(policy: Policy = {}, fails: unknown[] = []) {
  const done: string[] = []
  const act = tool({
    name: 'act',
    ...policy,
    execute: (_: undefined, { idempotencyKey }): string => {
      if (fails.length > 0) throw fails.shift()
      done.push(idempotencyKey)
      return 'done'
    },
  })
  return Object.assign(act, { done })
}
type Counted = ReturnType<typeof counted>

const fresh = async () => undefined
const called = (ledger: Ledger, act: Counted) => ledger.run(ID, () => act())

/** Goes wrong while nobody has to be asked, so that another execution follows under the approval that is asked now. */
const after =
  (policy: Policy, ...fails: unknown[]) =>
  async (ledger: Ledger) => {
    const before = counted(policy, fails)
    await ledger.run({ ...ID, onError: 'keep' }, () => before(undefined)).catch(() => undefined)
  }

const RETRY = { attempts: 2, backoff: { initialMs: 1, jitter: 0 } }
const again = { ...ID, retry: true, onError: 'keep' } as const

interface Way {
  /** What comes before. */
  readonly before?: (ledger: Ledger) => Promise<unknown>
  /** How the tool is reached. */
  readonly go?: (ledger: Ledger, act: Counted) => Promise<unknown>
  /** What it is besides needing an approval. */
  readonly policy?: Policy
  readonly settings?: LedgerOptions
}

const WAYS: Record<string, Way> = {
  'called for the first time': {},
  'performed by its run': { go: (ledger, act) => ledger.run(ID, (run) => run.perform(act, undefined)) },
  'required by the call alone': {
    policy: { approval: false },
    go: (ledger, act) => ledger.run(ID, () => act(undefined, { approval: true })),
  },
  'required by a ledger that asks before what cannot be undone': {
    policy: { approval: false },
    settings: { irreversible: 'approve' },
  },
  'joined by others in flight': { go: (ledger, act) => ledger.run(ID, () => Promise.all([act(), act(), act()])) },
  'inside the body of another': {
    go: (ledger, act) => {
      const outer = tool({ name: 'outer', onUnknown: 'retry', execute: (_: undefined) => act() })
      return ledger.run(ID, () => outer())
    },
  },
  'in a run inside a run': { go: (ledger, act) => ledger.run(ID, () => ledger.run({ name: 'inner' }, () => act())) },
  'as a step of a saga': {
    go: (ledger, act) =>
      saga<void>('s')
        .step('act', act, () => undefined)
        .execute(undefined, { ledger, ...ID }),
  },
  'as a member of a parallel group of a plan': {
    go: (ledger, act) => executePlan([[{ tool: 'act' }]], [act], { ledger, ...ID }),
  },
  'taken over, when nobody knows what became of the first attempt': {
    before: after({ onUnknown: 'retry' }, LOST()),
    policy: { onUnknown: 'retry' },
    go: (ledger, act) => ledger.run(again, () => act()),
  },
  'once more, when the first attempt is assumed to have failed': {
    before: after({}, new Error('odd')),
    policy: { retry: RETRY },
    go: (ledger, act) => ledger.run(again, () => act()),
  },
  'in a new life, when the first one is known not to have happened': {
    before: after({}, Object.assign(new Error('declined'), { status: 402 })),
    go: (ledger, act) => ledger.run(again, () => act()),
  },
}

describe('A1: the policy is asked on every way to execution', () => {
  test.each(Object.keys(WAYS))('%s', async (name) => {
    const { before = fresh, go = called, policy, settings } = WAYS[name] ?? {}
    const ledger = memoryLedger(settings)
    const act = counted({ approval: true, ...policy })
    await before(ledger)
    await expect(go(ledger, act)).rejects.toSatisfy((error) => ApprovalRequiredError.find(error) !== undefined)
    expect(act.done).toEqual([])
    const [key = '', ...others] = await openQuestions(ledger)
    expect(others).toEqual([])
    expect(await ledger.approvals.approve(key)).toBe(true)
    // A yes is no execution: that is up to the run.
    expect(act.done).toEqual([])
    await go(ledger, act)
    expect(act.done).toHaveLength(1)
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('a yes is for one life: what was undone and is done again needs another', async () => {
    const ledger = memoryLedger()
    let isBroken = true
    const act = counted({ approval: true, compensate: () => undefined })
    const agent = async () => {
      await act()
      if (isBroken) throw new Error('shipping failed')
    }
    await ledger.approvals.approve(await asked(ledger, ID.id, agent))
    await expect(ledger.run(ID, agent)).rejects.toThrow('shipping failed')
    isBroken = false
    await expect(ledger.run({ ...ID, retry: true }, agent)).rejects.toThrow(ApprovalRequiredError)
    expect(act.done).toHaveLength(1)
    await ledger.approvals.approve((await openQuestions(ledger))[0] ?? '')
    await ledger.run(ID, agent)
    expect(new Set(act.done).size).toBe(2)
  })

  test('with a yes that is there already, another process executes, once, and what asks meanwhile joins', async () => {
    const folder = temporaryFolder()
    const [here, there] = [fileLedger(folder), fileLedger(folder)]
    const act = counted({ approval: true })
    await here.approvals.approve(await asked(here, ID.id, () => act()))
    expect(await there.run(ID, () => Promise.all([act(), act()]))).toEqual(['done', 'done'])
    expect(await here.run(ID, () => act())).toEqual(['done', 'done'])
    expect(act.done).toHaveLength(1)
  })
})

describe('A2: a yes is bound to all arguments', () => {
  const pay = tool({
    ...{ name: 'pay', approval: true, keys: ['order'] },
    execute: ({ cents }: { order: number; cents: number }) => cents,
  })

  test.each([
    ['is open', async () => undefined],
    ['was answered with yes', (ledger: Ledger, key: string) => ledger.approvals.approve(key)],
  ])('others under the same key are a conflict while the question %s', async (_, decided) => {
    const ledger = memoryLedger()
    await decided(ledger, await asked(ledger, ID.id, () => pay({ order: 1, cents: 5 })))
    const dear = ledger.run({ ...ID, onError: 'keep' }, () => pay({ order: 1, cents: 5_000 }))
    await expect(dear).rejects.toThrow(IdempotencyConflictError)
  })

  test('after a no they stay refused; when the question was taken back they are asked about for themselves', async () => {
    const ledger = memoryLedger()
    const key = await asked(ledger, ID.id, () => pay({ order: 1, cents: 5 }))
    await ledger.approvals.deny(key)
    const dear = () => pay({ order: 1, cents: 5_000 })
    await expect(ledger.run({ ...ID, onError: 'keep' }, dear)).rejects.toThrow(ApprovalDeniedError)
    const other = await asked(ledger, 'turn-2', () => pay({ order: 1, cents: 5 }))
    await ledger.approvals.cancel(other)
    expect(await asked(ledger, 'turn-2', dear)).toBe(other)
    expect(await ledger.approvals.get(other)).toMatchObject({ generation: 2, args: { cents: 5_000 } })
  })
})

test('A3: who, when and why are kept, in the view, the export and the log, with when it expires', async () => {
  const clock = new ManualClock()
  const ledger = memoryLedger({ clock, leaseMs: 10 ** 12 })
  const act = counted({ approval: { reason: 'above the limit', expiresMs: 60_000 } })
  const requestedAt = new Date(clock.now())
  const key = await asked(ledger, ID.id, () => act())
  await clock.advance(1_000)
  expect(await ledger.approvals.approve(key, { by: 'ann', reason: 'CHG-118' })).toBe(true)
  const decision = { by: 'ann', decisionReason: 'CHG-118', status: 'approved', reason: 'above the limit' }
  const expiresAt = new Date(requestedAt.getTime() + 60_000)
  const decidedAt = new Date(requestedAt.getTime() + 1_000)
  expect(await ledger.approvals.get(key)).toMatchObject({ ...decision, requestedAt, decidedAt, expiresAt })
  const { approvals, entries } = await ledger.runs.export(ID.id)
  expect(approvals).toMatchObject([{ ...decision, key, decidedAt: decidedAt.toISOString() }])
  const entry = entries.find(({ kind }) => kind === 'approval-approved')
  expect(entry).toMatchObject({ key, at: decidedAt.toISOString(), detail: { by: 'ann', reason: 'CHG-118' } })
  // Expiry ends questions, not answers.
  await clock.advance(10 ** 9)
  expect(await ledger.run(ID, () => act())).toBe('done')
})

describe('A4: what is wrong throws at once, and is never taken for "no approval needed"', () => {
  test.each([
    { approval: 'yes' },
    { approval: null },
    { approval: { wen: () => true } },
    { approval: { when: true } },
    { approval: { from: 'browser' } },
    { approval: { expiresMs: 0 } },
    { approval: { block: 1 } },
    { approval: true, effect: 'read' },
  ])('a tool with %j', (policy) => {
    expect(() => counted(policy as never)).toThrow(ConfigError)
  })

  test.each([{ irreversible: 'ask' }, { approvals: true }])('a ledger with %j', (options) => {
    expect(() => createLedger({ store: memory(), ...(options as object) })).toThrow(ConfigError)
  })

  test.each([{ approval: 'yes' }, { aproval: true }, { answer: { approve: 'yes' } }, { answer: true }])(
    'a call with %j',
    async (options) => {
      const act = counted({ approval: { from: 'client' } })
      const called = memoryLedger().run({ ...ID, onError: 'keep' }, () => act(undefined, options as never))
      await expect(called).rejects.toThrow(ConfigError)
      expect(act.done).toEqual([])
    },
  )

  test.each([{ who: 'ann' }, { by: 7 }, { overrule: 'yes' }, { generation: 0 }])('a yes with %j', async (options) => {
    const ledger = memoryLedger()
    const act = counted({ approval: true })
    const key = await asked(ledger, ID.id, () => act())
    await expect(ledger.approvals.approve(key, options as never)).rejects.toThrow(ConfigError)
    await expect(ledger.approvals.approve(`${key}x`)).rejects.toThrow(ConfigError)
    expect(await ledger.approvals.get(key)).toMatchObject({ status: 'pending' })
  })

  test.each([
    ['throws', () => Promise.reject(new Error('the policy service is down'))],
    ['answers nothing', () => undefined],
    ['answers a text', () => 'no'],
  ])('a policy that %s asks', async (_, when) => {
    const act = counted({ approval: when as never })
    await asked(memoryLedger(), ID.id, () => act())
    expect(act.done).toEqual([])
  })
})

test('A5: a no to one call leaves the others alone, is told to the model, and undoes nothing', async () => {
  const ledger = memoryLedger()
  const undone: number[] = []
  const done: number[] = []
  const pay = tool({
    name: 'pay',
    approval: ({ cents }) => cents > 10,
    execute: ({ cents }: { cents: number }) => done.push(cents),
    compensate: (_, { cents }) => void undone.push(cents),
  })
  const agent = async () => {
    const came = await Promise.allSettled([5, 20, 30].map((cents) => pay({ cents })))
    const waits = came.find((one) => one.status === 'rejected' && ApprovalRequiredError.isInstance(one.reason))
    if (waits?.status === 'rejected') throw waits.reason
    return came.map((one) => (one.status === 'rejected' ? (one.reason as Error).message : 'paid'))
  }
  await expect(ledger.run(ID, agent)).rejects.toThrow(ApprovalRequiredError)
  expect(done).toEqual([5])
  const questions = await openQuestions(ledger)
  expect(questions).toHaveLength(2)
  for (const key of questions) {
    const { args } = (await ledger.approvals.get(key)) ?? {}
    const decision = (args as { cents: number }).cents === 20 ? 'deny' : 'approve'
    expect(await ledger.approvals[decision](key, { by: 'ann', reason: 'as agreed' })).toBe(true)
  }
  const [first, second, third] = await ledger.run(ID, agent)
  expect([first, third]).toEqual(['paid', 'paid'])
  expect(second).toContain('was denied by ann: as agreed')
  expect([done, undone]).toEqual([[5, 30], []])
  expect(await ledger.runs.get(ID.id)).toMatchObject({ status: 'completed' })
})
