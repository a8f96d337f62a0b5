import { expect, test } from 'vitest'
import { encodeValue } from '../codec/value-codec.ts'
import { errorBody } from '../errors/serialize.ts'
import type { ApprovalTerms, DecideApproval } from '../store/decision-verbs.ts'
import type { RunRef } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { sha256 } from '../util/hash.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { exportRun } from './export-run.ts'
import { formatRun } from './format-run.ts'
import { getEffect, listEffects } from './list-effects.ts'
import { getRun, listRuns } from './list-runs.ts'
import { openStore, RecordedRun } from './testing/recorded-run.ts'

const UNDONE = { more: { undo: 'own' } } as const

function setUp() {
  const clock = new ManualClock()
  return { clock, store: openStore(clock) }
}

/** Records that a run has failed, and answers under what it is compensated. */
async function fail(store: Store, clock: ManualClock, run: RunRef, aborted = false): Promise<RunRef> {
  const error = errorBody(new Error('no courier'))
  const ending = { to: 'compensating', output: null, outputKept: false, error, aborted } as const
  const closed = await store.closeRun({ run, ...ending, at: clock.now() })
  if (closed.kind !== 'closed') throw new Error(closed.kind)
  return closed.ref
}

async function claimUndo(store: Store, clock: ManualClock, run: RunRef, id: number) {
  const effect = (await store.listEffects({ after: id - 1, limit: 1 })).find((one) => one.id === id)
  if (effect === undefined) throw new Error('no such effect')
  const claim = { run, effect: { id, epoch: effect.epoch }, leaseMs: 60_000, at: clock.now() }
  const claimed = await store.claimCompensation(claim)
  if (claimed.kind !== 'claimed') throw new Error(claimed.kind)
  return claimed
}

async function compensate(store: Store, clock: ManualClock, run: RunRef, id: number, error?: Error): Promise<void> {
  const { epoch } = await claimUndo(store, clock, run, id)
  const outcome =
    error === undefined ? ({ kind: 'compensated' } as const) : ({ kind: 'failed', error: errorBody(error) } as const)
  await clock.advance(5)
  await store.commitCompensation({ id, epoch, outcome, at: clock.now() })
}

function finish(store: Store, clock: ManualClock, run: RunRef) {
  return store.finishCompensation({ run, to: 'over', listed: false, at: clock.now() })
}

test('effects and runs tell whether and how they were undone', async () => {
  const { clock, store } = setUp()
  const source = { store }
  const run = await RecordedRun.open(store, clock, 'r1')
  const pay = await run.succeed('pay', { id: 'ch_1' }, { more: { undo: 'own', group: 3 } })
  const ship = await run.succeed('ship', 's1', UNDONE)
  await run.succeed('mail', 'sent')
  await run.succeed('stay', 1, UNDONE)
  const before = await listEffects(source, { runId: 'r1' })
  expect(before.map(({ compensation }) => compensation)).toEqual([null, null, null, null])
  expect(before.map(({ irreversible }) => irreversible)).toEqual([false, false, true, false])
  expect(before.map(({ group }) => group)).toEqual([3, null, null, null])
  expect((await getRun(source, 'r1'))?.aborted).toBe(false)

  const ref = await fail(store, clock, run.ref, true)
  await compensate(store, clock, ref, ship, new TypeError('no van'))
  await compensate(store, clock, ref, pay)
  expect((await finish(store, clock, ref)).kind).toBe('finished')

  const [paid, shipped, mailed, stayed] = await listEffects(source, { runId: 'r1' })
  expect(paid?.compensation).toEqual({ attempts: 1, error: null, endedAt: new Date(clock.now()) })
  expect(shipped?.compensation).toEqual({
    attempts: 1,
    error: { name: 'TypeError', message: 'no van' },
    endedAt: null,
  })
  expect([mailed?.irreversible, mailed?.compensation, stayed?.compensation]).toEqual([true, null, null])
  expect(paid && (await getEffect(source, paid.key))).toEqual(paid)
  expect(await getRun(source, 'r1')).toMatchObject({ status: 'compensation_failed', aborted: true })

  const exported = await exportRun(source, 'r1')
  expect(JSON.parse(JSON.stringify(exported))).toEqual(exported)
  expect(exported.run).toMatchObject({ status: 'compensation_failed', aborted: true })
  expect(exported.attempts).toMatchObject([{ endedAt: exported.run.endedAt }])
  const endedAt = new Date(clock.now()).toISOString()
  expect(exported.effects).toMatchObject([
    { group: 3, irreversible: false, compensation: { attempts: 1, endedAt } },
    { compensation: { attempts: 1, error: { name: 'TypeError', message: 'no van' }, endedAt: null } },
    { irreversible: true, compensation: null },
    { irreversible: false, compensation: null },
  ])
  expect(exported.effects[0]?.compensation).not.toHaveProperty('error')
  expect(JSON.stringify(exported)).not.toContain('"stack"')
  expect(formatRun(exported).split('\n').slice(1, -2)).toEqual([
    '       0 ms  ● run opened',
    '       0 ms  ✓ pay → { id: "ch_1" }  0 ms  ↩ compensated',
    '       0 ms  ✓ ship → "s1"  0 ms  ✗ compensation failed',
    '       0 ms  ✓ mail → "sent"  0 ms  ⊘ irreversible',
    '       0 ms  ✓ stay → 1  0 ms  ✗ not compensated',
    '       0 ms  ✗ run aborted: no courier → compensating',
    '       0 ms  ✗ compensate ship: TypeError: no van  5 ms',
    '       5 ms  ↩ compensate pay  5 ms',
    '      10 ms  ✗ run compensation_failed: not all that it did is undone',
  ])
})

test('an effect that another compensation covers says so, and that of a child is told in the child’s part', async () => {
  const { clock, store } = setUp()
  const run = await RecordedRun.open(store, clock, 'r1')
  const trip = await run.claim('trip', { more: { undo: 'inner' } })
  await run.succeed('hotel', 'h1', { parent: trip.id })
  await run.commit(trip, { kind: 'succeeded', result: '"t1"', kept: true })
  const child = await RecordedRun.open(store, clock, 'r1/mail', { parent: { run: run.ref, lane: '', effect: null } })
  const sent = await child.succeed('send', 'm1', UNDONE)
  await child.close('completed')
  await clock.advance(100)
  const ref = await fail(store, clock, run.ref)
  await compensate(store, clock, ref, sent)
  await compensate(store, clock, ref, trip.id)
  await finish(store, clock, ref)

  const [, hotel] = await listEffects({ store }, { runId: 'r1' })
  expect(hotel).toMatchObject({
    status: 'compensated',
    irreversible: false,
    compensation: { attempts: 0, error: null },
  })
  const exported = await exportRun({ store }, 'r1', { children: true })
  const [inner] = exported.childExports ?? []
  // It had its end before its parent failed.
  expect(inner?.attempts).toMatchObject([{ endedAt: inner?.run.endedAt }])
  expect(inner?.run).toMatchObject({ status: 'compensated', endedAt: inner?.run.createdAt })
  const lines = formatRun(exported).split('\n').slice(1, -2)
  expect(lines.map((line) => line.slice(13))).toEqual([
    '● run opened',
    '✓ trip → "t1"  0 ms  ↩ compensated',
    '✓ hotel → "h1"  0 ms  ↩ compensated',
    '● child run r1/mail: compensated  0 ms',
    '  ● run opened',
    '  ✓ send → "m1"  0 ms  ↩ compensated',
    '  ✓ run completed',
    '  ↩ compensate send  5 ms',
    '  ↩ run compensated',
    '✗ run failed: no courier → compensating',
    '↩ compensate trip  5 ms',
    '↩ effect hotel: compensated with trip',
    '↩ run compensated',
  ])
})

test('a compensation that was left, and one that was asked for, are told as such', async () => {
  const { clock, store } = setUp()
  const run = await RecordedRun.open(store, clock, 'r1')
  const pay = await run.succeed('pay', 1, UNDONE)
  await run.close('completed', 'done')
  const open = (which: 'any' | 'dead') => store.openCompensation({ id: 'r1', which, leaseMs: 60_000, at: clock.now() })
  const first = await open('any')
  if (first.kind !== 'compensating') throw new Error(first.kind)
  expect((await exportRun({ store }, 'r1')).attempts).toMatchObject([{ endedAt: null }])
  await store.finishCompensation({ run: first.ref, to: 'released', listed: false, at: clock.now() })
  const second = await open('dead')
  if (second.kind !== 'compensating') throw new Error(second.kind)
  await claimUndo(store, clock, second.ref, pay)
  expect(formatRun(await exportRun({ store }, 'r1'))).toContain('⋯ compensate pay: in progress')
  await clock.advance(100_000)
  const third = await open('dead')
  if (third.kind !== 'compensating') throw new Error(third.kind)
  await compensate(store, clock, third.ref, pay)
  await finish(store, clock, third.ref)
  const lines = formatRun(await exportRun({ store }, 'r1'))
    .split('\n')
    .slice(2, -2)
  expect(lines.map((line) => line.slice(13))).toEqual([
    '✓ pay → 1  0 ms  ↩ compensated',
    '✓ run completed',
    '↻ compensation asked for (epoch 2)',
    '● compensation let go: whoever has the tools goes on with it',
    '↻ compensation taken over (epoch 3)',
    '? compensate pay: no outcome recorded',
    '↻ compensation taken over (epoch 4)',
    '↩ compensate pay (attempt 2)  5 ms',
    '↩ run compensated',
  ])
})

const TERMS: ApprovalTerms = { argsHash: sha256('a'), reason: 'above 500', from: 'ledger', expiresAt: null }

test('an export tells what humans were asked, what they said, and what they changed', async () => {
  const { clock, store } = setUp()
  const run = await RecordedRun.open(store, clock, 'r1')
  const ask = (key: string, terms: Partial<ApprovalTerms> = {}) =>
    run.claim('refund', { key, args: { cents: 60_000 }, more: { approval: { ...TERMS, ...terms } } }).catch(String)
  for (const key of ['a', 'b', 'c']) expect(await ask(key)).toContain('awaiting_approval')
  expect(await ask('d', { expiresAt: clock.now() + 1_000 })).toContain('awaiting_approval')
  const [a, b, c] = (await store.listEffects({})).map(({ id }) => id)
  const decide = (effect: number | undefined, more: Partial<DecideApproval>) =>
    store.decideApproval({
      ...{ effect: effect ?? 0, decision: 'approve', by: 'ann', reason: null, args: null, overrule: false },
      at: clock.now(),
      ...more,
    })
  await clock.advance(10)
  const edited = encodeValue({ cents: 500 })
  expect(await decide(a, { args: edited, reason: 'less will do' })).toMatchObject({ kind: 'decided' })
  expect(await decide(b, { decision: 'deny', reason: 'no' })).toMatchObject({ kind: 'decided' })
  expect(await decide(c, { decision: 'cancel', by: null })).toMatchObject({ kind: 'decided' })
  const exported = await exportRun({ store }, 'r1')
  expect(JSON.parse(JSON.stringify(exported))).toEqual(exported)
  const requestedAt = exported.run.createdAt
  const decidedAt = new Date(clock.now()).toISOString()
  expect(exported.approvals).toMatchObject([
    { effect: a, tool: 'refund', generation: 1, status: 'approved', from: 'ledger', reason: 'above 500', requestedAt },
    { status: 'denied', by: 'ann', decisionReason: 'no', decidedAt, edited: false, args: { cents: 60_000 } },
    { status: 'canceled', by: null },
    { status: 'pending', decidedAt: null, by: null, expiresAt: new Date(clock.now() + 990).toISOString() },
  ])
  expect(exported.approvals[0]).toMatchObject({
    ...{ by: 'ann', decisionReason: 'less will do', decidedAt, edited: true },
    ...{ args: { cents: 500 }, originalArgs: { cents: 60_000 }, key: exported.effects[0]?.key },
  })
  expect(exported.approvals[1]).not.toHaveProperty('originalArgs')
  const lines = formatRun(exported).split('\n')
  expect(lines.slice(2, -2).map((line) => line.slice(13))).toEqual([
    '⚑ refund { cents: 60000 }: needs an approval: "above 500"',
    '⚑ refund { cents: 60000 }: needs an approval: "above 500"',
    '⚑ refund { cents: 60000 }: needs an approval: "above 500"',
    '⚑ refund { cents: 60000 }: needs an approval: "above 500" (open for 1.00 s)',
    '✓ refund: approved by ann, but with { cents: 500 }: "less will do"',
    '✗ refund: denied by ann: "no"',
    '! refund: the question was canceled',
  ])
  expect(lines.at(-2)).toContain('4 effects, 1 waiting for a decision, 0 model calls')
})

test('what a redacted tool was asked about is not shown either', async () => {
  const { clock, store } = setUp()
  const run = await RecordedRun.open(store, clock, 'r1')
  const more = { approval: TERMS, recordLevel: 'redacted', undo: 'own' } as const
  await run.claim('refund', { args: { iban: 'DE00 SECRET' }, more }).catch(String)
  const [asked] = await store.listEffects({})
  const decision = { decision: 'approve', by: 'ann', reason: null, overrule: false, at: clock.now() } as const
  await store.decideApproval({ effect: asked?.id ?? 0, args: encodeValue({ iban: 'FR00 SECRET' }), ...decision })
  const paid = await run.succeed('refund', 'SECRET', { more })
  const ref = await fail(store, clock, run.ref)
  await compensate(store, clock, ref, paid, new Error('SECRET'))
  const exported = await exportRun({ store }, 'r1')
  expect(exported.approvals).toMatchObject([{ edited: true, status: 'approved' }])
  expect(JSON.stringify(exported)).not.toContain('SECRET')
  expect(formatRun(exported)).not.toContain('SECRET')
})

test('runs and effects are found by the statuses of undoing and deciding', async () => {
  const { clock, store } = setUp()
  const open = (id: string) => RecordedRun.open(store, clock, id)
  const waits = await open('waits')
  await waits.claim('refund', { more: { approval: TERMS } }).catch(String)
  const waiting = { to: 'waiting', output: null, outputKept: false, error: null } as const
  await store.closeRun({ run: waits.ref, ...waiting, at: clock.now() })
  for (const id of ['compensating', 'compensated', 'compensation_failed']) {
    const run = await open(id)
    const pay = await run.succeed('pay', 1, UNDONE)
    const ref = await fail(store, clock, run.ref)
    if (id === 'compensating') await claimUndo(store, clock, ref, pay)
    else {
      await compensate(store, clock, ref, pay, id === 'compensated' ? undefined : new Error('closed'))
      await finish(store, clock, ref)
    }
  }
  for (const status of ['compensating', 'compensated', 'compensation_failed'] as const) {
    expect((await listRuns({ store }, { status })).map(({ id }) => id)).toEqual([status])
    expect((await listEffects({ store }, { status })).map(({ runId }) => runId)).toEqual([status])
  }
  expect((await listRuns({ store }, { status: 'waiting' })).map(({ id }) => id)).toEqual(['waits'])
  expect((await listEffects({ store }, { status: 'requires_approval' })).map(({ tool }) => tool)).toEqual(['refund'])
  expect(await listEffects({ store }, { status: ['ready', 'denied', 'canceled'] })).toEqual([])
  expect(await store.verify()).toEqual([])
})
