import { describe, expect, test } from 'vitest'
import { approved, ask, asking, deciding, TERMS } from './testing/approval-fixture.ts'
import {
  ASSUMED,
  AT,
  claim,
  claiming,
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
const EXPIRING = { ...TERMS, expiresAt: LATER }

describe('a claim that a human must approve', () => {
  test('executes nothing: the effect waits, with the question on record', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store, { thread: 'talk' })
    const answer = await store.claimEffect(asking(run))
    expect(answer).toMatchObject({
      kind: 'awaiting_approval',
      approval: {
        ...{ status: 'pending', from: 'ledger', reason: 'above 50', argsHash: key(100), requestedAt: AT },
        ...{ thread: 'talk', expiresAt: null, decidedAt: null, decidedBy: null, decisionReason: null, original: null },
        effect: { status: 'requires_approval', attempt: 0, generation: 1, args: '{"cents":100}', endedAt: null },
      },
    })
    const [, entry] = await store.listEntries('run-1', 0, MANY)
    expect(entry).toMatchObject({ kind: 'approval-requested', number: 2 })
    expect(JSON.parse(entry?.body ?? '')).toEqual({
      ...{ tool: 'charge-card', generation: 1, reason: 'above 50', expiresAt: null, from: 'ledger' },
    })
    expect((await store.readLane(run.seq, 'root')).effects).toEqual([])
    expect(await store.verify()).toEqual([])
  })

  test('asks once: whoever claims it again, with or without terms, is told to wait', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await ask(store, run)
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'awaiting_approval' })
    const unasked = await store.claimEffect(asking(run, { approval: null }))
    expect(unasked).toMatchObject({ kind: 'awaiting_approval' })
    expect(await kindsOf(store)).toEqual(['run-opened', 'approval-requested'])
  })

  test('is granted after a yes, as the first attempt and in the lane that claims it', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await approved(store, run, { lane: 'first', callsSeen: 1 })
    expect(asked).toMatchObject({ status: 'approved', decidedBy: 'ann', decisionReason: 'fine', decidedAt: AT })
    expect(asked.effect).toMatchObject({ status: 'ready', attempt: 0 })
    const claimed = await claim(store, run, asking(run, { lane: 'second', callsSeen: 4, at: LATER }))
    expect(claimed).toMatchObject({ id: asked.effect.id, attempt: 1, generation: 1, epoch: 2, plain: true })
    expect(claimed).toMatchObject({ firstAt: LATER, args: null })
    const { effects } = await store.readLane(run.seq, 'second')
    expect(effects).toMatchObject([{ id: claimed.id, status: 'processing', callsSeen: 4, at: 4 }])
    expect((await store.readLane(run.seq, 'first')).effects).toEqual([])
    await commit(store, run, claimed)
    expect(await store.verify()).toEqual([])
  })

  test('is granted after a yes also where the policy asks nobody any more', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run)
    expect(await store.claimEffect(asking(run, { approval: null }))).toMatchObject({ kind: 'claimed' })
  })

  test('is granted to one of two owners after a yes', async () => {
    const path = temporaryFile()
    const [one, two] = [openProcess(path), openProcess(path)]
    const run = await openRun(one, { shared: true })
    const other = await openRun(two, { shared: true })
    await approved(one, run)
    const answers = await Promise.all([one.claimEffect(asking(run)), two.claimEffect(asking(other))])
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['busy', 'claimed'])
  })

  test('answers the denial after a no, with who and why', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.decideApproval(deciding(await ask(store, run), 'deny', { reason: 'too much' }))
    const denied = { approval: { status: 'denied', decidedBy: 'ann', decisionReason: 'too much' } }
    const answer = await store.claimEffect(asking(run))
    expect(answer).toMatchObject({ kind: 'denied', ...denied })
    expect(answer).toMatchObject({ approval: { effect: { status: 'denied', endedAt: AT } } })
    expect(await store.claimEffect(asking(run, { approval: null }))).toMatchObject({ kind: 'denied', ...denied })
    expect(await store.verify()).toEqual([])
  })

  test('is asked for anew, in the next generation, once the question expired', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const first = await ask(store, run, { approval: EXPIRING })
    expect(await ask(store, run, { at: LATER - 1 })).toMatchObject({ effect: { id: first.effect.id } })
    const second = await ask(store, run, { at: LATER })
    expect(second).toMatchObject({
      status: 'pending',
      effect: { generation: 2, status: 'requires_approval', epoch: 2 },
    })
    const [expired] = await store.listApprovals({ effect: first.effect.id })
    expect(expired).toMatchObject({
      status: 'expired',
      decidedAt: null,
      effect: { status: 'canceled', endedAt: LATER },
    })
    expect(await kindsOf(store)).toEqual(['run-opened', 'approval-requested', 'approval-expired', 'approval-requested'])
    expect(await store.verify()).toEqual([])
  })

  test('goes without asking once the question expired and nobody has to be asked any more', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await ask(store, run, { approval: EXPIRING })
    const claimed = await store.claimEffect(claiming(run, { at: LATER }))
    expect(claimed).toMatchObject({ kind: 'claimed', generation: 2 })
  })
})

describe('a yes holds for the arguments that it was given for', () => {
  const others = { argsHash: key(101), approval: { ...TERMS, argsHash: key(101) } }

  test.each(['conflict', 'mark'] as const)('others are a conflict while one waits or is granted (%s)', async (how) => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await ask(store, run)
    const changed = asking(run, { ...others, onOtherArgs: how })
    expect(await store.claimEffect(changed)).toMatchObject({ kind: 'conflict' })
    await store.decideApproval(deciding(asked, 'approve'))
    expect(await store.claimEffect(changed)).toMatchObject({ kind: 'conflict' })
    const unasked = asking(run, { ...others, approval: null, onOtherArgs: how })
    expect(await store.claimEffect(unasked)).toMatchObject({ kind: 'conflict' })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'claimed' })
  })

  test('others are asked about once it is over', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await ask(store, run, { approval: EXPIRING })
    const asked = await ask(store, run, { ...others, at: LATER })
    expect(asked).toMatchObject({ argsHash: key(101), effect: { generation: 2, argsHash: key(101) } })
  })

  test('others are a conflict where it was used and the outcome does not forbid to run again', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run)
    await commit(store, run, await claim(store, run, asking(run)), ASSUMED)
    const again = { attempts: 3, onOtherArgs: 'mark' } as const
    expect(await store.claimEffect(asking(run, { ...others, ...again }))).toMatchObject({ kind: 'conflict' })
    const unasked = claiming(run, { argsHash: key(101), ...again })
    expect(await store.claimEffect(unasked)).toMatchObject({ kind: 'conflict' })
  })

  test('others are no conflict but a hit once it succeeded', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run)
    await commit(store, run, await claim(store, run, asking(run)))
    const hit = await store.claimEffect(asking(run, { ...others, onOtherArgs: 'mark' }))
    expect(hit).toMatchObject({ kind: 'settled', argsDiffer: true })
  })
})

describe('an effect that failed and may run again', () => {
  test('is asked about if no human approved this generation, and keeps its failure beside the question', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const first = await claim(store, run, { argsHash: TERMS.argsHash })
    await commit(store, run, first, ASSUMED)
    const asked = await ask(store, run, { attempts: 3 })
    expect(asked.effect).toMatchObject({ id: first.id, status: 'requires_approval', attempt: 1, certainty: 'assumed' })
    expect(asked.effect).toMatchObject({ error: '{"name":"Odd"}', endedAt: AT })
    expect(await store.verify()).toEqual([])
    await store.decideApproval(deciding(asked, 'approve'))
    const second = await claim(store, run, asking(run, { attempts: 3, lane: 'other' }))
    expect(second).toMatchObject({ id: first.id, attempt: 2, generation: 1, firstAt: AT })
    expect((await store.readLane(run.seq, 'root')).effects).toMatchObject([{ id: first.id, at: 2 }])
    await commit(store, run, second, ASSUMED)
    // One yes is for one generation: its attempts are one act outside.
    expect(await store.claimEffect(asking(run, { attempts: 3 }))).toMatchObject({ kind: 'claimed', attempt: 3 })
  })

  test('has failed again after a no, and answers the no as long as it could run', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, { argsHash: TERMS.argsHash }), ASSUMED)
    const asked = await ask(store, run, { attempts: 2 })
    const decided = await store.decideApproval(deciding(asked, 'deny'))
    expect(decided).toMatchObject({ approval: { effect: { status: 'failed', certainty: 'assumed', endedAt: AT } } })
    expect(await store.claimEffect(asking(run, { attempts: 2 }))).toMatchObject({ kind: 'denied' })
    const unasked = asking(run, { attempts: 2, approval: null })
    expect(await store.claimEffect(unasked)).toMatchObject({ kind: 'denied' })
    expect(await store.claimEffect(asking(run))).toMatchObject({ kind: 'settled', effect: { status: 'failed' } })
    expect(await store.verify()).toEqual([])
  })

  test('is asked about again in the same generation once the question expired', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const first = await claim(store, run, { argsHash: TERMS.argsHash })
    await commit(store, run, first, ASSUMED)
    await ask(store, run, { attempts: 2, approval: EXPIRING })
    const asked = await ask(store, run, { attempts: 2, at: LATER })
    expect(asked).toMatchObject({ status: 'pending', requestedAt: LATER, effect: { id: first.id, generation: 1 } })
    expect((await kindsOf(store)).slice(-3)).toEqual(['approval-requested', 'approval-expired', 'approval-requested'])
  })

  test('belongs to the run that executed it until another one, which asked, claims it', async () => {
    const store = openStore(temporaryFile())
    const one = await openRun(store)
    const two = await openRun(store, { id: 'run-2', thread: 'talk' })
    const shared = { owner: { kind: 'scope', name: 'ledger' }, attempts: 3 } as const
    await commit(store, one, await claim(store, one, { ...shared, argsHash: TERMS.argsHash }), ASSUMED)
    const asked = await ask(store, two, shared)
    expect(asked).toMatchObject({ thread: 'talk', effect: { runId: 'run-1' } })
    expect(await kindsOf(store, 'run-2')).toEqual(['run-opened', 'approval-requested'])
    expect(await store.listApprovals({ runSeq: two.seq })).toHaveLength(1)
    await store.decideApproval(deciding(asked, 'approve'))
    await claim(store, two, asking(two, { ...shared, lane: 'other' }))
    expect((await store.readLane(one.seq, 'root')).effects).toEqual([])
    expect((await store.readLane(two.seq, 'other')).effects).toHaveLength(1)
    expect(await store.verify()).toEqual([])
  })
})

describe('a generation after one that had no effect', () => {
  test('is asked about anew, unless the same perform had a yes to the same arguments', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const asked = await approved(store, run)
    const first = await claim(store, run, asking(run))
    await commit(store, run, first, NOT_APPLIED)
    const carried = await claim(store, run, asking(run, { approvedAs: first.id }))
    expect(carried).toMatchObject({ generation: 2, attempt: 1 })
    const [copy] = await store.listApprovals({ effect: carried.id })
    const { effect: _, ...facts } = asked
    expect(copy).toMatchObject({ ...facts, effect: { id: carried.id } })
    await commit(store, run, carried, NOT_APPLIED)
    // Not the generation just before.
    expect(await ask(store, run, { approvedAs: first.id })).toMatchObject({ effect: { generation: 3 } })
    expect(await store.verify()).toEqual([])
  })

  test('has no yes to carry over for other arguments, nor from one that nobody was asked about', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await approved(store, run)
    const first = await claim(store, run, asking(run))
    await commit(store, run, first, NOT_APPLIED)
    const others = { argsHash: key(101), approval: { ...TERMS, argsHash: key(101) }, approvedAs: first.id }
    expect(await ask(store, run, others)).toMatchObject({ argsHash: key(101) })
    const unasked = await claim(store, run, { keys: [key(2)] })
    await commit(store, run, unasked, NOT_APPLIED)
    expect(await ask(store, run, { keys: [key(2)], approvedAs: unasked.id })).toMatchObject({ status: 'pending' })
  })
})
