import { describe, expect, test } from 'vitest'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import {
  AT,
  claim,
  claiming,
  closing,
  commit,
  key,
  kindsOf,
  NOT_APPLIED,
  openRun,
  openStore,
  temporaryFile,
  UNKNOWN,
} from './testing/fixture.ts'
import { act, commitUndo, effectOf, fail, finishUndo, NOT_UNDONE, openUndo, takeUndo, undo } from './testing/undoing.ts'

const HASHED = { recordLevel: 'hash', argsDigest: key(7), args: '{"secret":"args"}' } as const
const SECRET = {
  kind: 'succeeded',
  result: '"secret result"',
  kept: true,
  digest: key(8),
  token: '"secret token"',
} as const
const hash = (byte: number) => `{"$hf":"hash","value":"${key(byte).toString('hex')}"}`

async function reserve(store: Store, run: RunRef, recordLevel: 'full' | 'hash'): Promise<number> {
  const model = {
    lane: 'root',
    provider: 'openai',
    model: 'gpt-5',
    exactHash: key(6),
    maskedHash: key(6),
    restHash: '',
  }
  const held = await store.reserve({
    run,
    ...model,
    request: '{"tail":["secret"]}',
    effect: null,
    recordLevel,
    at: AT,
  })
  if (held.kind !== 'held') throw new Error(held.kind)
  return held.id
}

async function call(store: Store, run: RunRef, recordLevel: 'full' | 'hash'): Promise<number> {
  const id = await reserve(store, run, recordLevel)
  await settle(store, id)
  return id
}

async function settle(store: Store, id: number): Promise<void> {
  const outcome = { kind: 'succeeded', response: '"secret response"' } as const
  await store.settle({ id, outcome, usage: '{"input":1}', externalId: null, at: AT })
}

describe('what is recorded as a hash only', () => {
  test('loses its bodies when the whole tree has completed, and nothing else does', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const child = await openRun(store, { id: 'c', parent: { run, lane: 'root', effect: null } })
    const hidden = await claim(store, child, HASHED)
    await commit(store, child, hidden, SECRET)
    const shown = await act(store, run, { keys: [key(2)] })
    const failed = await claim(store, run, { keys: [key(3)], ...HASHED })
    await commit(store, run, failed, NOT_APPLIED)
    const answer = {
      lane: 'root',
      key: key(1),
      kind: 'value',
      name: 'v',
      effect: null,
      generation: 1,
      failed: false,
    } as const
    await store.recordAnswers(run, [
      { ...answer, body: '"secret"', recordLevel: 'hash' },
      { ...answer, body: '"shown"' },
    ])
    const asked = await call(store, run, 'hash')
    await store.closeRun(closing(child, 'completed'))
    expect(await effectOf(store, hidden.id)).toMatchObject({ args: '{"secret":"args"}', resultKept: true })
    await store.closeRun(closing(run, 'completed'))

    const dropped = { args: hash(7), result: hash(8), resultKept: false, token: '"secret token"', status: 'succeeded' }
    expect(await effectOf(store, hidden.id)).toMatchObject(dropped)
    expect(await effectOf(store, failed.id)).toMatchObject({
      args: hash(7),
      result: null,
      error: null,
      status: 'failed',
    })
    expect(await effectOf(store, shown.id)).toMatchObject({
      args: '{"cents":100}',
      result: '{"id":"ch_1"}',
      resultKept: true,
    })
    expect((await store.listAnswers(run.seq, 0, 10)).map(({ body }) => body)).toEqual([null, '"shown"'])
    expect(await store.readCall(asked)).toMatchObject({ request: hash(6), response: null, usage: '{"input":1}' })
    expect((await store.listEntries('run-1', 0, 100)).at(-1)).toMatchObject({
      kind: 'bodies-dropped',
      body: '{"effects":2,"answers":1,"calls":1}',
    })
    expect(await store.verify()).toEqual([])
  })

  test('keeps requests of a run in which a request that is kept may build on them', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const [one, two] = [await call(store, run, 'hash'), await call(store, run, 'full')]
    await store.closeRun(closing(run, 'completed'))
    expect(await store.readCall(one)).toMatchObject({ request: '{"tail":["secret"]}', response: null })
    expect(await store.readCall(two)).toMatchObject({ request: '{"tail":["secret"]}', response: '"secret response"' })
  })

  test('is kept while the run may be tried again', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const { id } = await claim(store, run, HASHED)
    await store.closeRun(closing(run, 'failed'))
    expect(await effectOf(store, id)).toMatchObject({ args: '{"secret":"args"}' })
  })

  test('goes when all was undone, with what its compensation needed', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run, { ...HASHED, undo: 'own' })
    await commit(store, run, claimed, SECRET)
    await store.closeRun(closing(run, 'completed'))
    const ref = await openUndo(store)
    expect(await effectOf(store, claimed.id)).toMatchObject({ token: '"secret token"' })
    const taken = await takeUndo(store, ref, claimed.id)
    await commitUndo(store, taken, { kind: 'retry', error: '"secret"' })
    await commitUndo(store, taken, NOT_UNDONE)
    await undo(store, ref, claimed.id)
    await finishUndo(store, ref)
    expect(await effectOf(store, claimed.id)).toMatchObject({ args: hash(7), token: null, undoError: null })
    const told = await store.listEntries('run-1', 0, 100)
    expect(told.filter(({ kind }) => kind === 'bodies-dropped')).toHaveLength(2)
    expect(told.filter(({ body }) => body?.includes('secret') || body?.includes('Refund'))).toEqual([])
  })

  test('keeps what somebody may still have to decide about, until that has been decided', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const [doubted, inFlight] = [
      await claim(store, run, HASHED),
      await claim(store, run, { ...HASHED, keys: [key(2)] }),
    ]
    await commit(store, run, doubted, UNKNOWN)
    const open = await reserve(store, run, 'hash')
    await store.closeRun(closing(run, 'completed'))
    for (const { id } of [doubted, inFlight])
      expect(await effectOf(store, id)).toMatchObject({ args: '{"secret":"args"}' })

    await commit(store, run, inFlight, SECRET)
    expect(await effectOf(store, inFlight.id)).toMatchObject({ args: hash(7), result: hash(8) })
    const resolution = { kind: 'applied', result: '"secret result"', kept: true, digest: key(8) } as const
    await store.resolveEffect({ id: doubted.id, epoch: doubted.epoch, resolution, by: 'human', note: null, at: AT })
    expect(await effectOf(store, doubted.id)).toMatchObject({ args: hash(7), result: hash(8) })
    await settle(store, open)
    expect(await store.readCall(open)).toMatchObject({ response: null })
    expect(await store.verify()).toEqual([])
  })

  test('is in no entry either: neither what an attempt failed of, nor what came too late', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const claimed = await claim(store, run, HASHED)
    await commit(store, run, claimed, { kind: 'retry', error: '"secret"', certainty: 'assumed' })
    await commit(store, run, { id: claimed.id, epoch: 7 }, SECRET)
    expect((await kindsOf(store)).slice(-2)).toEqual(['effect-retried', 'late-outcome'])
    expect((await store.listEntries('run-1', 0, 100)).filter(({ body }) => body?.includes('secret'))).toEqual([])
  })

  test('answers other runs as before if its key is one of a scope', async () => {
    const store = openStore(temporaryFile())
    const owner = { kind: 'scope', name: 'thread:1' } as const
    const run = await openRun(store)
    await commit(store, run, await claim(store, run, { ...HASHED, owner }), SECRET)
    await store.closeRun(closing(run, 'completed'))
    const other = await openRun(store, { id: 'other' })
    const settled = await store.claimEffect(claiming(other, { owner }))
    expect(settled).toMatchObject({ kind: 'settled', effect: { result: '"secret result"', resultKept: true } })
  })

  test('goes also where only a run below has any, and costs others no entry', async () => {
    const store = openStore(temporaryFile())
    const plain = await openRun(store, { id: 'plain' })
    await act(store, plain)
    await store.closeRun(closing(plain, 'completed'))
    expect(await kindsOf(store, 'plain')).not.toContain('bodies-dropped')
    const failing = await openRun(store)
    await act(store, failing, HASHED)
    const ref = await fail(store, failing)
    await undo(store, ref, 2)
    await finishUndo(store, ref)
    expect(await effectOf(store, 2)).toMatchObject({ args: hash(7), status: 'compensated' })
  })
})
