import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../util/manual-clock.ts'
import type { ReserveCall } from '../call-verbs.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { AT, claim, closing, key, kindsOf, openProcess, openRun, openStore, temporaryFile } from './testing/fixture.ts'

function reserving(run: RunRef, overrides: Partial<ReserveCall> = {}): ReserveCall {
  return {
    run,
    lane: 'root',
    provider: 'openai',
    model: 'gpt-5',
    exactHash: key(1),
    maskedHash: key(2),
    restHash: 'rest',
    request: '{"messages":[]}',
    effect: null,
    at: AT,
    ...overrides,
  }
}

async function reserve(store: Store, run: RunRef, overrides: Partial<ReserveCall> = {}) {
  const held = await store.reserve(reserving(run, overrides))
  if (held.kind !== 'held') throw new Error(held.kind)
  return held
}

const settling = (id: number) => ({ id, usage: '{"input":3}', externalId: 'resp_1', at: AT + 1 })

describe('a call', () => {
  test('is on record before it is sent, and its answer before it is used', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await reserve(store, run)
    expect(await store.readCall(id)).toMatchObject({ status: 'open', runId: 'run-1', request: '{"messages":[]}' })
    const outcome = { kind: 'succeeded', response: '{"text":"hi"}' } as const
    expect(await store.settle({ ...settling(id), outcome })).toEqual({ kind: 'settled', hold: null })
    expect(await store.readCall(id)).toMatchObject({
      ...{
        status: 'succeeded',
        response: '{"text":"hi"}',
        usage: '{"input":3}',
        externalId: 'resp_1',
        endedAt: AT + 1,
      },
    })
    expect(await kindsOf(store)).toEqual(['run-opened', 'call-reserved', 'call-settled'])
  })

  test('is settled once; the first outcome stays', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await reserve(store, run)
    await store.settle({ ...settling(id), outcome: { kind: 'failed', error: '{}' } })
    const again = await store.settle({ ...settling(id), outcome: { kind: 'succeeded', response: '1' } })
    expect(again).toEqual({ kind: 'already-settled', hold: null })
    expect(await store.readCall(id)).toMatchObject({ status: 'failed', response: null })
    expect((await kindsOf(store)).at(-1)).toBe('call-failed')
  })

  test('is settled by an owner that was fenced, and after the run has ended', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await reserve(store, run)
    await store.closeRun(closing(run, 'failed'))
    expect(await store.settle({ ...settling(id), outcome: { kind: 'succeeded', response: '1' } })).toEqual({
      kind: 'settled',
      hold: null,
    })
    expect((await store.tail(null, 10)).entries).toHaveLength(4)
  })

  test('is refused where the run may start nothing', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.haltRun({ run, error: '{}', at: AT })
    expect(await store.reserve(reserving(run))).toMatchObject({ kind: 'refused', reason: 'halted' })
  })
})

describe('ordinals', () => {
  test('count the calls of each lane from 1, in every run', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const other = await openRun(store, { id: 'other' })
    const ordinals: number[] = []
    for (const lane of ['root', 'body', 'root', 'body', 'root'])
      ordinals.push((await reserve(store, run, { lane })).ordinal)
    expect(ordinals).toEqual([1, 1, 2, 2, 3])
    expect(await reserve(store, other)).toMatchObject({ ordinal: 1 })
  })

  test('go on over several processes of a shared run, and over an execution of the run', async () => {
    const path = temporaryFile()
    const [first, second] = [openProcess(path, new ManualClock()), openProcess(path, new ManualClock())]
    const run = await openRun(first, { shared: true })
    const ordinals: number[] = []
    for (const store of [first, second, second, first]) ordinals.push((await reserve(store, run)).ordinal)
    expect(ordinals).toEqual([1, 2, 3, 4])
  })
})

test('ordinals forget what a lost transaction had counted', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const { id } = await reserve(store, run, { lane: 'other' })
  const { database } = store.identity as Connection
  const pages = Number(database.pragma('page_count', { simple: true }))
  database.exec(`PRAGMA max_page_count = ${pages + 8}`)
  for (let i = 0; i < 2; i++) store.enter()
  const large = JSON.stringify('x'.repeat(256 * 1024))
  const [first, second, failed] = await Promise.allSettled([
    reserve(store, run),
    reserve(store, run),
    store.settle({ ...settling(id), outcome: { kind: 'succeeded', response: large } }),
  ])
  expect([first, second]).toMatchObject([{ value: { ordinal: 1 } }, { value: { ordinal: 2 } }])
  expect(failed).toMatchObject({ reason: { reason: 'full', operation: 'settle' } })
  expect(await store.verify()).toEqual([])
})

describe('what a lane recorded', () => {
  test('comes back in its order, other lanes’ apart', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const answer = {
      lane: 'root',
      kind: 'read',
      name: 'get-order',
      effect: null,
      generation: 1,
      failed: false,
    } as const
    await store.recordAnswers(run, [{ ...answer, key: key(7), body: '1' }])
    const effect = await claim(store, run, { callsSeen: 1 })
    await reserve(store, run)
    await store.recordAnswers(run, [
      { ...answer, key: key(7), body: '2' },
      { ...answer, key: key(8), body: null, failed: true, lane: 'body' },
    ])
    await claim(store, run, { lane: 'body', keys: [key(9)], parentEffect: effect.id })
    const lane = await store.readLane(run.seq, 'root')
    expect(lane.answers).toMatchObject([{ at: 1 }, { at: 3, kind: 'read', failed: false }])
    expect(lane.effects).toMatchObject([{ id: effect.id, at: 2, callsSeen: 1, plain: true, status: 'processing' }])
    expect(lane.calls).toMatchObject([{ ordinal: 1, at: 2, status: 'open', exactHash: key(1), restHash: 'rest' }])
    const bodies = await Promise.all(lane.answers.map(({ id }) => store.readAnswer(id)))
    expect(bodies).toEqual(['1', '2'])
    expect(await store.listAnswers(run.seq, 0, 10)).toHaveLength(3)
    expect((await store.readLane(run.seq, 'body')).effects).toHaveLength(1)
  })

  test('includes effects under a scope’s key that the run executed', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await claim(store, run, { owner: { kind: 'scope', name: 'thread:t' } })
    expect((await store.readLane(run.seq, 'root')).effects).toMatchObject([{ id, plain: false }])
    expect(await store.listEffects({ runSeq: run.seq })).toMatchObject([{ id, ownerSeq: -2 }])
  })

  test('is refused from a run that was taken over', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    await store.cancelRun({ id: 'run-1', error: '{}', at: AT })
    expect(await store.recordAnswers(run, [])).toMatchObject({ kind: 'refused', reason: 'fenced' })
  })
})

describe('listing', () => {
  test('finds runs by status, name, thread and tag, newest first, page by page', async () => {
    const store = openStore(temporaryFile())
    for (const id of ['a', 'b', 'c', 'd']) {
      await openRun(store, { id, name: id < 'c' ? 'orders' : 'mails', thread: `t-${id}`, tags: [id, 'all'] })
    }
    const ended = await openRun(store, { id: 'e' })
    await store.closeRun(closing(ended, 'completed'))
    const ids = async (query: Parameters<Store['listRuns']>[0]) => (await store.listRuns(query)).map(({ id }) => id)
    expect(await ids({ status: ['running', 'waiting'] })).toEqual(['d', 'c', 'b', 'a'])
    expect(await ids({ status: ['completed'] })).toEqual(['e'])
    expect(await ids({ name: 'orders' })).toEqual(['b', 'a'])
    expect(await ids({ thread: 't-c' })).toEqual(['c'])
    expect(await ids({ tag: 'd' })).toEqual(['d'])
    expect(await ids({ tag: 'all', limit: 2 })).toEqual(['d', 'c'])
    expect(await ids({ tag: 'all', limit: 2, before: 3 })).toEqual(['b', 'a'])
  })

  test('finds effects and calls by run and more, page by page', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const effects = [await claim(store, run), await claim(store, run, { keys: [key(2)], tool: 'send-mail' })]
    expect(await store.listEffects({ runSeq: run.seq, tool: 'send-mail' })).toMatchObject([{ id: effects[1]?.id }])
    expect(await store.listEffects({ status: ['processing'], after: effects[0]?.id ?? 0 })).toHaveLength(1)
    expect(await store.listEffects({ status: ['unknown'] })).toEqual([])
    const calls = [await reserve(store, run), await reserve(store, run, { model: 'claude' })]
    expect(await store.listCalls({ model: 'claude' })).toMatchObject([{ id: calls[1]?.id }])
    expect(await store.listCalls({ runSeq: run.seq, after: calls[0]?.id ?? 0 })).toHaveLength(1)
    expect(await store.listCalls({ runSeq: 99 })).toEqual([])
    expect(await store.readCall(1)).toBeNull()
  })
})
