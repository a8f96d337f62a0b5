import { expect, test } from 'vitest'
import { decodeValue } from '../codec/value-codec.ts'
import { ConfigError } from '../errors/config-error.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { exportRun } from './export-run.ts'
import { formatRun } from './format-run.ts'
import { openStore, RecordedRun } from './testing/recorded-run.ts'
import { verifyLedger } from './verify-ledger.ts'

test('an export holds everything about a run as JSON that loses nothing', async () => {
  const clock = new ManualClock()
  const store = openStore(clock)
  const run = await RecordedRun.open(store, clock, 'r1', { name: 'checkout', input: '{"order":42}' })
  await run.call('gpt-5', { messages: ['a'] }, { text: 'b' })
  await run.call('gpt-5', { messages: ['a', 'b'] }, { text: 'c' })
  await run.succeed('pay', { at: new Date(0) }, { args: { cents: 1 } })
  await run.fail('mail', Object.assign(new TypeError('refused'), { cause: new Error('deep') }))
  await store.recordAnswers(run.ref, [
    {
      lane: '',
      key: Buffer.alloc(32),
      kind: 'value',
      name: 'now',
      effect: null,
      generation: 1,
      failed: false,
      body: '7',
    },
  ])
  await run.close('completed', 'done')
  const exported = await exportRun({ store }, 'r1')

  expect(JSON.parse(JSON.stringify(exported))).toEqual(exported)
  expect(exported).toMatchObject({ format: 'holdfast-run', version: 1, children: [] })
  expect(exported.run).toMatchObject({ id: 'r1', status: 'completed', input: { order: 42 }, output: 'done' })
  expect(exported.attempts).toMatchObject([{ number: 1, resumed: 0, endedAt: exported.run.endedAt }])
  expect(exported.effects.map(({ tool }) => tool)).toEqual(['pay', 'mail'])
  expect(decodeValue(JSON.stringify(exported.effects[0]?.result))).toEqual({ at: new Date(0) })
  expect(exported.effects[1]?.error).toMatchObject({
    name: 'TypeError',
    message: 'refused',
    cause: { message: 'deep' },
  })
  expect(exported.calls.map(({ request }) => request)).toEqual([{ messages: ['a'] }, { messages: ['a', 'b'] }])
  expect(exported.answers).toMatchObject([{ kind: 'value', name: 'now', value: 7 }])
  expect(exported.entries.map(({ number }) => number)).toEqual(exported.entries.map((_, index) => index + 1))
  expect(exported.entries.find(({ kind }) => kind === 'effect-succeeded')?.key).toBe(exported.effects[0]?.key)
  expect(JSON.stringify(exported)).not.toContain('"stack"')
  expect(await exportRun({ store }, 'r1')).toEqual(exported)
})

test('an export holds no stack of an error that is a value, or in one', async () => {
  const clock = new ManualClock()
  const store = openStore(clock)
  const run = await RecordedRun.open(store, clock, 'r1', { name: 'checkout' })
  const failed = new Error('outer', { cause: new Error('inner') })
  const own = { $hf: 'error', value: { stack: 'of plates' } }
  await run.succeed('try', { settled: [{ reason: failed }], own, stack: 'of books' })
  await run.close('completed', [failed])
  const exported = await exportRun({ store }, 'r1')

  expect(JSON.stringify(exported)).not.toContain('file:')
  const result = decodeValue(JSON.stringify(exported.effects[0]?.result)) as typeof own & {
    settled: [{ reason: Error }]
  }
  expect(result).toMatchObject({ own, stack: 'of books' })
  expect([result.settled[0].reason.message, result.settled[0].reason.cause]).toMatchObject([
    'outer',
    { message: 'inner' },
  ])
  expect(JSON.stringify(exported.run.output)).not.toContain('stack')
})

test('an export names child runs, and holds them if asked', async () => {
  const clock = new ManualClock()
  const store = openStore(clock)
  const run = await RecordedRun.open(store, clock, 'r1')
  const child = await RecordedRun.open(store, clock, 'r1/a', { parent: { run: run.ref, lane: '', effect: null } })
  await child.succeed('mail', null)
  await child.close('completed')
  await RecordedRun.open(store, clock, 'r1/b', { parent: { run: run.ref, lane: '', effect: null } })
  const exported = await exportRun({ store }, 'r1', { children: true })
  expect(exported.children).toEqual(['r1/a', 'r1/b'])
  expect(exported.childExports?.[0]).toEqual(await exportRun({ store }, 'r1/a', { children: true }))
  expect((await exportRun({ store }, 'r1')).childExports).toBeUndefined()
})

test('a run that was taken over is told as such', async () => {
  const clock = new ManualClock()
  const store = openStore(clock)
  const first = await RecordedRun.open(store, clock, 'r1')
  await first.claim('pay', { args: { cents: 1 } })
  await clock.advance(100_000)
  const second = await RecordedRun.open(store, clock, 'r1')
  const found = await second.claim('pay').catch(String)
  expect(found).toContain('unknown')
  const [effect] = await store.listEffects({ runSeq: second.ref.seq })
  if (effect === undefined) throw new Error('no effect')
  const again = await store.resolveEffect({
    ...{ id: effect.id, epoch: effect.epoch, by: 'policy', note: null, at: clock.now() },
    resolution: { kind: 'takeover', run: second.ref, leaseMs: 1_000 },
  })
  if (again.kind !== 'claimed') throw new Error(again.kind)
  await second.commit(again, { kind: 'succeeded', result: '{"id":"ch_1"}', kept: true })
  await second.close('completed', 'done')
  const text = formatRun(await exportRun({ store }, 'r1'))
  expect(text).toContain('1 attempt · resumed once')
  expect(text).toContain('? pay { cents: 1 }: no outcome recorded')
  expect(text).toContain('↻ run resumed (attempt 1, epoch 2): ')
  expect(text).toContain('? effect pay: outcome unknown → run again under the same key')
  expect(text).toContain('✓ pay (attempt 2) { cents: 1 } → { id: "ch_1" }')
  expect(text).toContain('✓ run completed → "done"')
  expect(await verifyLedger(store)).toEqual({ ok: true, problems: [] })
})

test('a run with thousands of rows is exported whole', async () => {
  const clock = new ManualClock()
  const store = openStore(clock)
  const run = await RecordedRun.open(store, clock, 'r1')
  const indexes = Array.from({ length: 2_500 }, (_, index) => index)
  await Promise.all(indexes.map((index) => run.succeed('pay', index, { key: `k${index}` })))
  const exported = await exportRun({ store }, 'r1')
  expect(exported.effects.map(({ result }) => result).sort((a, b) => Number(a) - Number(b))).toEqual(indexes)
  expect(exported.entries).toHaveLength(5_001)
})

test('there is no export of a run that does not exist', async () => {
  await expect(exportRun({ store: openStore() }, 'nobody')).rejects.toThrow(ConfigError)
})
