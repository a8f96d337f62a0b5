import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { aesGcm } from '../../codec/aes-gcm.ts'
import type { Codec, Codecs } from '../../codec/codec.ts'
import { ConfigError } from '../../errors/config-error.ts'
import type { EffectOutcome } from '../effect-verbs.ts'
import type { EffectRecord, RunRef } from '../records.ts'
import { sqlite } from '../sqlite/sqlite.ts'
import {
  AT,
  claim,
  claiming,
  closing,
  commit,
  key,
  LEASE_MS,
  MANY,
  openRun,
  settings,
  temporaryFile,
} from '../sqlite/testing/fixture.ts'
import { asking, hold, spent } from '../sqlite/testing/money-fixture.ts'
import type { Store } from '../store.ts'
import { sealSource, sealStore } from './seal-source.ts'

const old = aesGcm({ id: 'old', key: Buffer.alloc(32, 1) })
const current = aesGcm({ id: 'new', key: Buffer.alloc(32, 2) })

function open(path: string, codecs?: Codecs): Store {
  const store = sealSource(sqlite(path), codecs).open(settings())
  onTestFinished(() => store.close())
  return store
}

/** Bodies that stand nowhere else, and which of them were written. */
class Words {
  readonly written: string[] = []

  body(name: string): string {
    const word = `PLAIN-${name}-${this.written.length}`
    this.written.push(word)
    return JSON.stringify({ name: word, message: word })
  }

  /** A key that no other effect has. */
  key(): Buffer {
    return key(100 + this.written.length)
  }
}

/** Every verb that takes a body, with a body. */
async function everything(store: Store, words: Words): Promise<void> {
  const run = await openRun(store, { input: words.body('input') })
  await effects(store, run, words)
  await decisions(store, run, words)
  await compensations(store, words)
  await calls(store, run, words)
  const entry = { kind: 'note', effect: null, body: words.body('append'), at: AT } as const
  await store.append({ run, entries: [entry], unprotected: false })
  await store.haltRun({ run, error: words.body('halt'), at: AT })
  const end = { output: words.body('output'), error: words.body('error') }
  await store.closeRun(closing(run, 'failed', end))
  await openRun(store, { id: 'run-2' })
  await store.cancelRun({ id: 'run-2', error: words.body('cancel'), at: AT })
}

async function effects(store: Store, run: RunRef, words: Words): Promise<void> {
  const args = () => ({ keys: [words.key()], args: words.body('args') })
  const succeeded = () =>
    ({ kind: 'succeeded', result: words.body('result'), kept: true, token: words.body('token') }) as const
  await commit(store, run, await claim(store, run, args()), succeeded())
  const retried = await claim(store, run, { ...args(), attempts: 2 })
  await commit(store, run, retried, { kind: 'retry', error: words.body('retry'), certainty: 'assumed' })
  await commit(store, run, retried, { kind: 'failed', error: words.body('failed'), certainty: 'not_applied' })
  const doubted = await claim(store, run, args())
  await commit(store, run, doubted, { kind: 'unknown', error: words.body('doubt') })
  const { kind: _, ...applied } = succeeded()
  const resolution = { kind: 'applied', ...applied } as const
  const note = words.body('note')
  await store.resolveEffect({ id: doubted.id, epoch: doubted.epoch, resolution, by: 'human', note, at: AT })
  // Twice with other words: the second is kept as an outcome that came too late.
  await commit(store, run, doubted, { kind: 'succeeded', result: words.body('late-result'), kept: true })
  await commit(store, run, doubted, { kind: 'failed', error: words.body('late'), certainty: 'assumed' })
  const answer = { lane: '', key: words.key(), effect: null, generation: 1, failed: false }
  await store.recordAnswers(run, [{ ...answer, kind: 'read', name: 'look', body: words.body('answer') }])
}

async function decisions(store: Store, run: RunRef, words: Words): Promise<void> {
  const approval = { argsHash: key(5), reason: null, from: 'ledger', expiresAt: null } as const
  const asking = claiming(run, { keys: [words.key()], args: words.body('asked'), approval })
  const asked = await store.claimEffect(asking)
  if (asked.kind !== 'awaiting_approval') throw new Error(asked.kind)
  const effect = asked.approval.effect.id
  const decision = { effect, decision: 'approve', by: 'ann', reason: null, overrule: false, at: AT } as const
  const decided = await store.decideApproval({ ...decision, args: words.body('edited') })
  expect(decided).toMatchObject({ kind: 'decided', approval: { original: asking.args } })
}

async function compensations(store: Store, words: Words): Promise<void> {
  const run = await openRun(store, { id: 'undone' })
  const claimed = await claim(store, run, { undo: 'own', args: words.body('undo-args') })
  await commit(store, run, claimed, { kind: 'succeeded', result: words.body('undo-result'), kept: true })
  const closed = await store.closeRun(closing(run, 'compensating', { error: words.body('undo-why') }))
  if (closed.kind !== 'closed') throw new Error(closed.kind)
  const undo = { run: closed.ref, effect: { id: claimed.id, epoch: claimed.epoch }, leaseMs: LEASE_MS, at: AT }
  const undoing = await store.claimCompensation(undo)
  if (undoing.kind !== 'claimed') throw new Error(undoing.kind)
  const { id, epoch } = undoing
  await store.commitCompensation({ id, epoch, outcome: { kind: 'retry', error: words.body('undo-retry') }, at: AT })
  await store.commitCompensation({ id, epoch, outcome: { kind: 'failed', error: words.body('undo-failed') }, at: AT })
  const [step] = await store.readUndo(closed.ref.seq)
  expect(step?.effect.undoError).toContain('PLAIN-undo-failed')
  await store.finishCompensation({ run: closed.ref, to: 'over', listed: false, at: AT })
}

async function calls(store: Store, run: RunRef, words: Words): Promise<void> {
  const about = { provider: 'p', model: 'm', exactHash: key(1), maskedHash: key(1), restHash: '', effect: null }
  const reserve = async () => {
    const held = await store.reserve({ ...about, run, lane: '', request: words.body('request'), at: AT })
    if (held.kind !== 'held') throw new Error(held.kind)
    return held.id
  }
  const settled = { externalId: null, at: AT }
  const response = words.body('response')
  const usage = words.body('usage')
  await store.settle({ id: await reserve(), outcome: { kind: 'succeeded', response }, usage, ...settled })
  const error = words.body('call-error')
  await store.settle({ id: await reserve(), outcome: { kind: 'failed', error }, usage: null, ...settled })
  const owed = await store.reserve({ ...about, run, lane: '', request: words.body('request'), hold: asking(8), at: AT })
  if (owed.kind !== 'held') throw new Error(owed.kind)
  await store.settle({
    id: owed.id,
    outcome: { kind: 'succeeded', response },
    usage: null,
    ...settled,
    externalId: 'x',
  })
  await store.correct({ id: owed.id, cost: spent(5), usage: words.body('told-usage'), at: AT })
  expect((await store.findCall('x'))?.usage).toContain('PLAIN-told-usage')
  const held = await hold(store, run, 8)
  await store.settleHold({ hold: held, cost: spent(5), usage: words.body('hold-usage'), at: AT })
}

/** All that a store tells of everything. */
async function told(store: Store): Promise<string> {
  const runs = await store.listRuns({})
  const rows = [
    runs,
    await store.readRun('run-1'),
    await store.listEffects({ limit: MANY }),
    await store.listApprovals({}),
    await store.listCalls({ limit: MANY }),
    ...(await Promise.all(runs.map(({ seq }) => store.listAnswers(seq, 0, MANY)))),
    ...(await Promise.all(runs.map(({ id }) => store.listEntries(id, 0, MANY)))),
    (await store.tail(null, MANY)).entries,
  ]
  return JSON.stringify(rows)
}

function bytesOf(path: string): string {
  return [path, `${path}-wal`].map((file) => readFileSync(file, 'latin1')).join()
}

describe('a sealed store', () => {
  test('leaves no body readable in the file and its write-ahead log, and tells them all', async () => {
    const [sealed, plain] = [temporaryFile(), temporaryFile()]
    const [words, same] = [new Words(), new Words()]
    const store = open(sealed, current)
    const below = open(plain)
    await everything(store, words)
    await everything(below, same)
    expect(words.written).toEqual(same.written)
    // Found where nothing is sealed, so the search can find them.
    expect(same.written.filter((word) => !bytesOf(plain).includes(word))).toEqual([])
    expect(words.written.filter((word) => bytesOf(sealed).includes(word))).toEqual([])
    expect(await told(store)).toBe(await told(below))
    expect(await store.verify()).toEqual([])
    expect(await told(open(sealed))).toContain('~new~')
  })

  test('opens what an earlier key sealed, and seals with the first', async () => {
    const path = temporaryFile()
    const words = new Words()
    await everything(open(path, old), words)
    const told1 = await told(open(path, old))
    const rotated = open(path, [current, old])
    expect(await told(rotated)).toBe(told1)
    const run = await openRun(rotated, { id: 'later', input: words.body('input') })
    expect(await open(path).readRun(run.seq)).toMatchObject({ input: expect.stringMatching(/^~new~/) })
  })

  test('leaves what it cannot open as it is, and never seals it again', async () => {
    const path = temporaryFile()
    const first = open(path, old)
    const run = await openRun(first, { input: '"hidden"' })
    const { input } = (await open(path, current).readRun(run.seq)) ?? {}
    expect(input).toMatch(/^~old~/)
    await openRun(open(path, current), { id: 'copy', input: input ?? null })
    expect(await first.readRun('copy')).toMatchObject({ input: '"hidden"' })
  })

  test('does not open what was changed', async () => {
    const path = temporaryFile()
    const store = open(path, current)
    const below = open(path)
    const run = await openRun(store, { input: '"hidden"' })
    const { input } = (await below.readRun(run.seq)) ?? {}
    const changed = `${input?.slice(0, -6)}${input?.at(-6) === 'A' ? 'B' : 'A'}${input?.slice(-5)}`
    await openRun(below, { id: 'changed', input: changed })
    expect(await store.readRun('changed')).toMatchObject({ input: changed })
    // Another id on the same bytes is a change as well.
    const posed = aesGcm({ id: 'posed', key: Buffer.alloc(32, 2) })
    await openRun(below, { id: 'posed', input: input?.replace('~new~', '~posed~') ?? null })
    expect((await open(path, [current, posed]).readRun('posed'))?.input).toMatch(/^~posed~/)
  })

  test('reads what was written before it sealed anything, also what looks as if it were', async () => {
    const path = temporaryFile()
    const below = open(path)
    const run = await openRun(below, { input: '"~new~AAAA"' })
    const claimed = await claim(below, run)
    await commit(below, run, claimed, { kind: 'retry', error: '"~new~AAAA"', certainty: 'assumed' })
    expect(await told(open(path, current))).toBe(await told(below))
  })

  test('knows an outcome that is recorded twice, in the same words or by the same object', async () => {
    const path = temporaryFile()
    const store = open(path, current)
    const run = await openRun(store)
    const claimed = await claim(store, run)
    const outcome: EffectOutcome = { kind: 'succeeded', result: '{"id":1}', kept: true }
    const first = await commit(store, run, claimed, outcome)
    expect(first).toMatchObject({ kind: 'committed' })
    expect(await commit(store, run, claimed, outcome)).toEqual(first)
    expect((await store.listEntries('run-1', 0, MANY)).map(({ kind }) => kind)).not.toContain('late-outcome')
    expect(await commit(open(path, current), run, claimed, { ...outcome })).toEqual(first)
    expect(await commit(store, run, claimed, { ...outcome, result: '{"id":2}' })).toMatchObject({ kind: 'lost' })
  })

  test('gives the very rows of a user to their own transaction, unsealed', async () => {
    const store = open(temporaryFile(), current)
    const run = await openRun(store)
    const seen: unknown[] = []
    await commit(store, run, await claim(store, run), undefined, (transaction) => void seen.push(transaction))
    expect(seen).toHaveLength(1)
  })

  test('keeps the order of verbs that are issued together', async () => {
    const store = open(temporaryFile(), current)
    const run = await openRun(store)
    const entries = Array.from(
      { length: 20 },
      (_, index) => ({ kind: 'note', effect: null, body: `${index}`, at: AT }) as const,
    )
    await Promise.all(entries.map((entry) => store.append({ run, entries: [entry], unprotected: false })))
    const bodies = (await store.listEntries('run-1', 1, MANY)).map(({ body }) => body)
    expect(bodies).toEqual(entries.map(({ body }) => body))
  })

  test('gives back every text', async () => {
    const store = open(temporaryFile(), current)
    const run = await openRun(store)
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const args = JSON.stringify(text)
        const { id } = await claim(store, run, { keys: [key()], args })
        const [effect] = (await store.listEffects({ after: id - 1, limit: 1 })) as [EffectRecord]
        expect(effect.args).toBe(args)
      }),
      { numRuns: 50 },
    )
  })
})

test('without a codec the store is the very one that it was', () => {
  const source = sqlite(temporaryFile())
  expect(sealSource(source, undefined)).toBe(source)
})

describe('a codec that does not keep to its contract', () => {
  const bad = (encode: unknown): Codec => ({ id: 'bad', encode: encode as Codec['encode'], decode: (bytes) => bytes })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no key')
      },
    ],
    ['answers a promise', async () => new Uint8Array()],
    ['answers a text', () => 'sealed'],
  ])('and %s stops what would be recorded, and says so', async (_, encode) => {
    const store = sealStore(sqlite(temporaryFile()).open(settings()), bad(encode))
    onTestFinished(() => store.close())
    await expect(openRun(store, { input: '1' })).rejects.toThrow(ConfigError)
    await expect(openRun(store, { input: '1' })).rejects.toThrow("'bad'")
    expect(await store.readRun('run-1')).toBeNull()
  })
})
