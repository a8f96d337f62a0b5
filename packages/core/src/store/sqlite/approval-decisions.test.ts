import { describe, expect, test } from 'vitest'
import type { DecideApproval } from '../decision-verbs.ts'
import type { ApprovalRecord } from '../records.ts'
import type { Store } from '../store.ts'
import { approved, ask, asking, deciding, TERMS } from './testing/approval-fixture.ts'
import {
  AT,
  claim,
  commit,
  key,
  kindsOf,
  MANY,
  NOT_APPLIED,
  openProcess,
  openRun,
  openStore,
  temporaryFile,
} from './testing/fixture.ts'

const LATER = AT + 1_000
const EXPIRING = { approval: { ...TERMS, expiresAt: LATER } }
const EDITED = '{"cents":50}'

async function lastBody(store: Store): Promise<unknown> {
  const entries = await store.listEntries('run-1', 0, MANY)
  return JSON.parse(entries.at(-1)?.body ?? '')
}

describe('a decision', () => {
  test('is on record with who, when and why', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run, {}, { at: LATER })
    expect((await kindsOf(store)).at(-1)).toBe('approval-approved')
    expect(await lastBody(store)).toEqual({ by: 'ann', reason: 'fine' })
  })

  test('about what nobody asked is missing', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await claim(store, run)
    expect(await store.decideApproval(deciding({ effect: { id } }, 'approve'))).toEqual({ kind: 'missing' })
    expect(await store.decideApproval(deciding({ effect: { id: 99 } }, 'approve'))).toEqual({ kind: 'missing' })
  })

  test.each([
    ['approve', 'deny', 'approved'],
    ['deny', 'approve', 'denied'],
    ['cancel', 'approve', 'canceled'],
    ['approve', 'approve', 'approved'],
  ] as const)('wins if it is the first: %s against %s', async (first, second, status) => {
    const path = temporaryFile()
    const [one, two] = [openProcess(path), openProcess(path)]
    const asked = await ask(one, await openRun(one))
    const answers = await Promise.all([
      one.decideApproval(deciding(asked, first)),
      two.decideApproval(deciding(asked, second, { by: 'bob' })),
    ])
    expect(answers.map(({ kind }) => kind)).toEqual(['decided', 'lost'])
    expect(answers).toMatchObject([{ approval: { status } }, { approval: { status, decidedBy: 'ann' } }])
    expect(await one.verify()).toEqual([])
  })

  test.each(['approve', 'deny', 'cancel'] as const)('to %s comes too late once the question expired', async (what) => {
    const store = openStore(temporaryFile())
    const asked = await ask(store, await openRun(store), EXPIRING)
    const late = { kind: 'lost', approval: { status: 'expired', decidedBy: null, effect: { status: 'canceled' } } }
    expect(await store.decideApproval(deciding(asked, what, { at: LATER }))).toMatchObject(late)
    const early = deciding(asked, what, { at: LATER - 1, overrule: true })
    expect(await store.decideApproval(early)).toMatchObject(late)
    expect(await kindsOf(store)).toEqual(['run-opened', 'approval-requested', 'approval-expired'])
    expect(await store.verify()).toEqual([])
  })

  test('is no longer possible once the effect executes', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await approved(store, run)
    await claim(store, run, asking(run))
    for (const decision of ['approve', 'deny', 'cancel'] as const) {
      const answer = await store.decideApproval(deciding(asked, decision, { overrule: true }))
      expect(answer).toMatchObject({ kind: 'lost', approval: { status: 'approved', effect: { status: 'processing' } } })
    }
  })
})

describe('a yes that nothing has claimed', () => {
  test('is taken back by a cancel: the next claim is asked about anew', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await approved(store, run)
    const canceled = await store.decideApproval(deciding(asked, 'cancel'))
    expect(canceled).toMatchObject({
      kind: 'decided',
      approval: { status: 'canceled', effect: { status: 'canceled' } },
    })
    expect(await ask(store, run)).toMatchObject({ effect: { generation: 2 } })
  })

  test('becomes a no only for whoever overrules it', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await approved(store, run)
    expect(await store.decideApproval(deciding(asked, 'deny'))).toMatchObject({ kind: 'lost' })
    const denied = await store.decideApproval(deciding(asked, 'deny', { by: 'bob', overrule: true }))
    expect(denied).toMatchObject({ kind: 'decided', approval: { status: 'denied', decidedBy: 'bob' } })
    expect(await lastBody(store)).toEqual({ by: 'bob', reason: 'fine', overruled: true })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'denied' })
    expect(await store.verify()).toEqual([])
  })
})

describe('a no', () => {
  test('becomes a yes only for whoever overrules it', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await ask(store, run)
    await store.decideApproval(deciding(asked, 'deny'))
    expect(await store.decideApproval(deciding(asked, 'approve'))).toMatchObject({ kind: 'lost' })
    expect(await store.decideApproval(deciding(asked, 'cancel', { overrule: true }))).toMatchObject({ kind: 'lost' })
    const overruled = await store.decideApproval(deciding(asked, 'approve', { overrule: true }))
    expect(overruled).toMatchObject({ kind: 'decided', approval: { effect: { status: 'ready', endedAt: null } } })
    expect(await lastBody(store)).toEqual({ by: 'ann', reason: 'fine', overruled: true })
    // Whoever performed it first may have been told no: the row is not what they got.
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'claimed', attempt: 1, plain: false })
    expect(await store.verify()).toEqual([])
  })
})

describe('edited arguments', () => {
  const digests = { argsDigest: key(1), recordLevel: 'hash' } as const
  const edit: Partial<DecideApproval> = { args: EDITED, argsDigest: key(2) }

  test('are what the claim is to execute, and stand beside those that were asked for', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await approved(store, run, digests, edit)
    expect(asked).toMatchObject({ original: '{"cents":100}', effect: { args: EDITED, argsDigest: key(2) } })
    expect(await lastBody(store)).toEqual({ by: 'ann', reason: 'fine', edited: true })
    const claimed = await claim(store, run, asking(run, digests))
    expect(claimed.args).toBe(EDITED)
    const [effect] = await store.listEffects({ runSeq: run.seq })
    expect(effect).toMatchObject({ args: EDITED, argsDigest: key(2), argsHash: TERMS.argsHash, recordLevel: 'hash' })
    // A hit is by what was asked for: the caller says the same as before.
    await commit(store, run, claimed)
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'settled', argsDiffer: false })
    expect(await store.verify()).toEqual([])
  })

  test('hold for the next generation of the same perform', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run, digests, edit)
    const first = await claim(store, run, asking(run, digests))
    await commit(store, run, first, NOT_APPLIED)
    const second = await claim(store, run, asking(run, { ...digests, approvedAs: first.id }))
    expect(second).toMatchObject({ generation: 2, args: EDITED })
    const [, effect] = await store.listEffects({ runSeq: run.seq })
    expect(effect).toMatchObject({ args: EDITED, argsDigest: key(2) })
    expect(await store.listApprovals({ effect: second.id })).toMatchObject([{ original: '{"cents":100}' }])
  })

  test.each([
    ['deny', { overrule: true }],
    ['cancel', {}],
  ] as const)('are gone when the yes is taken back (%s)', async (decision, how) => {
    const store = openStore(temporaryFile())
    const asked = await approved(store, await openRun(store), digests, edit)
    const answer = await store.decideApproval(deciding(asked, decision, how))
    expect(answer).toMatchObject({
      approval: { original: null, effect: { args: '{"cents":100}', argsDigest: key(1) } },
    })
    expect(await store.verify()).toEqual([])
  })
})

describe('a list of approvals', () => {
  async function four(store: Store): Promise<readonly ApprovalRecord[]> {
    const one = await openRun(store, { thread: 'talk' })
    const two = await openRun(store, { id: 'run-2' })
    const asked = [
      await ask(store, one, { keys: [key(1)] }),
      await ask(store, two, { keys: [key(2)], tool: 'refund' }),
      await ask(store, one, { keys: [key(3)], ...EXPIRING }),
      await ask(store, two, { keys: [key(4)] }),
    ]
    await store.decideApproval(deciding(asked[3] as ApprovalRecord, 'deny'))
    return asked
  }

  test('is filtered, in the order of the effects, and comes in pages', async () => {
    const store = openStore(temporaryFile())
    const [one, two, three, four_] = (await four(store)).map(({ effect }) => effect.id) as [
      number,
      number,
      number,
      number,
    ]
    const ids = async (query: Parameters<Store['listApprovals']>[0]) =>
      (await store.listApprovals(query)).map(({ effect }) => effect.id)
    expect(await ids({})).toEqual([one, two, three, four_])
    expect(await ids({ status: ['pending'] })).toEqual([one, two, three])
    expect(await ids({ status: ['pending', 'denied'], limit: 2, after: two })).toEqual([three, four_])
    expect(await ids({ status: ['pending'], notExpiredAt: LATER })).toEqual([one, two])
    expect(await ids({ notExpiredAt: LATER })).toEqual([one, two, four_])
    expect(await ids({ tool: 'refund' })).toEqual([two])
    expect(await ids({ thread: 'talk' })).toEqual([one, three])
    expect(await ids({ runSeq: 2 })).toEqual([two, four_])
    expect(await ids({ effect: three })).toEqual([three])
    expect(await ids({ effect: 99 })).toEqual([])
    expect(await ids({ status: [] })).toEqual([])
  })
})
