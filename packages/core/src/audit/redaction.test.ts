import { describe, expect, test } from 'vitest'
import { droppedValue } from '../codec/dropped-value.ts'
import { encodeRequest } from '../codec/request-delta.ts'
import { encodeValue } from '../codec/value-codec.ts'
import type { Redact } from '../config/redact.ts'
import { redactFields } from '../config/redact-fields.ts'
import { errorBody } from '../errors/serialize.ts'
import type { RecordLevel, RunRef } from '../store/records.ts'
import { AT, claim, closing, commit, key, LEASE_MS, openRun } from '../store/sqlite/testing/fixture.ts'
import type { Store } from '../store/store.ts'
import { sha256, sha256Hex } from '../util/hash.ts'
import { ManualClock } from '../util/manual-clock.ts'
import type { AuditSource } from './audit-source.ts'
import { type ExportStore, exportRun } from './export-run.ts'
import { formatRun } from './format-run.ts'
import { listCalls } from './list-calls.ts'
import { findEffects, listEffects } from './list-effects.ts'
import { getRun } from './list-runs.ts'
import type { RunExport } from './run-export.ts'
import { tailEntries } from './tail-entries.ts'
import { openStore } from './testing/recorded-run.ts'

const SECRET = '4242-4242'
const secret = { card: SECRET }
const failure = errorBody(Object.assign(new TypeError(`no ${SECRET}`), { card: SECRET, status: 402, code: 'declined' }))

/** A run with a bit of everything, told by tools and calls of a level. */
async function recorded(recordLevel: RecordLevel): Promise<{ store: Store; run: RunRef }> {
  const store = openStore()
  const run = await openRun(store, { input: encodeValue({ by: 'ann' }) })
  const args = encodeValue(secret)
  const digests = recordLevel === 'hash' ? { argsDigest: sha256(args) } : {}
  const claimed = (byte: number, more = {}) =>
    claim(store, run, { keys: [key(byte)], tool: 'pay', args, recordLevel, lane: '', ...digests, ...more })
  const result = encodeValue([secret, new Date(0)])
  const paid = await claimed(1)
  const digest = recordLevel === 'hash' ? sha256(result) : null
  await commit(store, run, paid, { kind: 'succeeded', result, kept: true, digest })
  const declined = await claimed(2, { attempts: 2 })
  await commit(store, run, declined, { kind: 'retry', error: failure, certainty: 'assumed' })
  await commit(store, run, declined, { kind: 'failed', error: failure, certainty: 'not_applied' })
  await commit(store, run, declined, { kind: 'succeeded', result, kept: true })
  const lost = await claimed(3)
  await commit(store, run, lost, { kind: 'unknown', error: failure })
  const note = encodeValue({ why: SECRET })
  const resolution = { kind: 'not_applied' } as const
  await store.resolveEffect({ id: lost.id, epoch: lost.epoch, resolution, by: 'human', note, at: AT })
  await answered(store, run, recordLevel)
  await asked(store, run, recordLevel)
  return { store, run }
}

async function answered(store: Store, run: RunRef, recordLevel: RecordLevel): Promise<void> {
  const read = { lane: '', key: key(9), kind: 'read', name: 'look', effect: null, generation: 1, recordLevel } as const
  await store.recordAnswers(run, [
    { ...read, failed: false, body: encodeValue(secret) },
    { ...read, failed: true, body: failure },
  ])
}

async function asked(store: Store, run: RunRef, recordLevel: RecordLevel): Promise<void> {
  const request = { model: 'm', messages: [{ role: 'user', content: SECRET }] }
  const hash = { exactHash: sha256('exact'), maskedHash: sha256('masked'), restHash: '' }
  const { body } = encodeRequest(request, undefined)
  const call = { run, lane: '', provider: 'p', model: 'm', request: body, effect: null, recordLevel, at: AT }
  const usage = encodeValue({ input: 7, output: 3 })
  const settled = { usage, externalId: null, at: AT }
  const first = await store.reserve({ ...call, ...hash })
  const second = await store.reserve({ ...call, ...hash })
  if (first.kind !== 'held' || second.kind !== 'held') throw new Error('The calls were refused.')
  await store.settle({ id: first.id, outcome: { kind: 'succeeded', response: encodeValue(secret) }, ...settled })
  await store.settle({ id: second.id, outcome: { kind: 'failed', error: failure }, ...settled })
}

/** All that the audit tells, in every form. */
async function told(source: AuditSource<ExportStore & Store>): Promise<{ all: string; exported: RunExport }> {
  const exported = await exportRun(source, 'run-1')
  const entries = []
  for await (const entry of tailEntries(source, new ManualClock(), { follow: false })) entries.push(entry)
  const views = [await getRun(source, 'run-1'), await listEffects(source), await listCalls(source), entries]
  return { all: `${JSON.stringify([exported, views])} ${formatRun(exported)}`, exported }
}

describe('what is shown of a tool or call whose level is', () => {
  test('full: everything, and so the search finds it', async () => {
    const { store } = await recorded('full')
    const { all } = await told({ store })
    expect(all.split(SECRET).length).toBeGreaterThan(20)
  })

  test('redacted: the shape of values, what kind of errors, and nothing that was in them', async () => {
    const { store } = await recorded('redacted')
    const { all, exported } = await told({ store })
    expect(all).not.toContain(SECRET)
    const [paid, declined] = exported.effects
    expect(paid).toMatchObject({ args: { card: '[redacted]' }, result: [{ card: '[redacted]' }, '[redacted]'] })
    const error = { name: 'TypeError', message: '[redacted]', code: 'declined', status: 402, fields: {} }
    expect(declined?.error).toEqual(error)
    expect(exported.answers).toMatchObject([{ value: { card: '[redacted]' } }, { error }])
    const messages = [{ role: '[redacted]', content: '[redacted]' }]
    expect(exported.calls).toMatchObject([
      { request: { model: '[redacted]', messages }, response: { card: '[redacted]' }, usage: { input: 7, output: 3 } },
      { error },
    ])
    const [late] = exported.entries.filter(({ kind }) => kind === 'late-outcome')
    expect(late?.detail).toMatchObject({ outcome: 'succeeded', result: [{ card: '[redacted]' }, '[redacted]'] })
    const [view] = await listEffects({ store })
    expect(view).toMatchObject({ args: { card: '[redacted]' }, result: [{ card: '[redacted]' }, '[redacted]'] })
    // The run's own input is not the tool's.
    expect(exported.run.input).toEqual({ by: 'ann' })
  })

  test('hash: hashes of what is stored, which the rows have, and names and codes of errors', async () => {
    const { store } = await recorded('hash')
    const { all, exported } = await told({ store })
    expect(all).not.toContain(SECRET)
    const hash = (text: string) => ({ $hf: 'hash', value: sha256Hex(text) })
    const args = hash(encodeValue(secret))
    const error = { name: 'TypeError', message: '[redacted]', code: 'declined', fields: {} }
    expect(exported.effects).toMatchObject([
      { args, result: hash(encodeValue([secret, new Date(0)])) },
      { error },
      { error },
    ])
    expect(exported.answers).toMatchObject([{ value: args }, { error }])
    expect(exported.calls[0]).toMatchObject({ request: hash('exact'), response: args })
    expect(formatRun(exported)).toContain(`pay (sha256 ${args.value.slice(0, 12)}…)`)
  })

  test('anything, to whoever executes: what is stored stays whole', async () => {
    const { store } = await recorded('redacted')
    const effects = await store.listEffects({})
    expect(effects.map(({ args }) => args)).toEqual(effects.map(() => encodeValue(secret)))
    expect(await findEffects({ store }, { runId: 'run-1', tool: 'pay', args: secret })).toHaveLength(3)
  })
})

describe('the redact function of the ledger', () => {
  test('masks every value that is shown, whatever its level', async () => {
    const { store, run } = await recorded('full')
    await store.closeRun(closing(run, 'failed', { output: encodeValue(secret), error: failure }))
    const seen = new Set<string>()
    const redact: Redact = (value, { kind, tool, runId }) => {
      seen.add(`${kind} ${tool} ${runId}`)
      return typeof value === 'object' && value !== null && 'message' in value
        ? { ...value, message: 'x', fields: {} }
        : 'x'
    }
    const { all, exported } = await told({ store, redact })
    expect(all).not.toContain(SECRET)
    expect([...seen].toSorted()).toEqual([
      'args pay run-1',
      'error look run-1',
      'error pay run-1',
      'error undefined run-1',
      'input undefined run-1',
      'output undefined run-1',
      'request undefined run-1',
      'response undefined run-1',
      'result look run-1',
      'result pay run-1',
      'value pay run-1',
    ])
    expect(exported.effects[0]).toMatchObject({ args: 'x', result: 'x' })
  })

  test('can hide members by their names, in values of any kind', async () => {
    const { store } = await recorded('full')
    const { all, exported } = await told({ store, redact: redactFields(['card', 'message', 'content', 'why']) })
    expect(all).not.toContain(SECRET)
    expect(exported.effects[0]?.result).toEqual([{ card: '[redacted]' }, { $hf: 'date', value: 0 }])
  })

  test('shows nothing where it throws, and throws nothing', async () => {
    const { store } = await recorded('full')
    const redact = () => {
      throw new Error(SECRET)
    }
    const { all, exported } = await told({ store, redact })
    expect(all).not.toContain(SECRET)
    expect(exported.effects[0]).toMatchObject({ args: '[redacted: the redact function failed]' })
    expect(exported.effects[1]?.error?.message).toBe('[redacted: the redact function failed]')
  })
})

test('a body that was dropped is shown as its hash, and is not found by its arguments', async () => {
  const store = openStore()
  const run = await openRun(store)
  const args = droppedValue('ab12')
  const { id } = await claim(store, run, { args, tool: 'pay', leaseMs: LEASE_MS })
  const [effect] = await listEffects({ store })
  expect(effect).toMatchObject({ id, args: { $hf: 'hash', value: 'ab12' } })
  expect(Object.isFrozen(effect?.args)).toBe(true)
  expect((await exportRun({ store }, 'run-1')).effects[0]?.args).toEqual({ $hf: 'hash', value: 'ab12' })
  expect(await findEffects({ store }, { runId: 'run-1', tool: 'pay', args: {} })).toEqual([])
})

test("a user's object that looks like a hash is shown as what it is", async () => {
  const store = openStore()
  const run = await openRun(store)
  const value = { $hf: 'hash', value: 'ab12' }
  await claim(store, run, { args: encodeValue(value), tool: 'pay' })
  expect((await listEffects({ store }))[0]?.args).toEqual(value)
  const [exported] = (await exportRun({ store, redact: (it) => it }, 'run-1')).effects
  expect(exported?.args).toEqual({ $hf: 'object', value })
})
