import { expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { getCall, listCalls } from './list-calls.ts'
import { findEffects, getEffect, getEffectHistory, listEffects } from './list-effects.ts'
import { getRun, listRuns } from './list-runs.ts'
import { openStore, RecordedRun } from './testing/recorded-run.ts'

async function setUp() {
  const clock = new ManualClock()
  return { clock, store: openStore(clock) }
}

test('a run is shown with dates and decoded values', async () => {
  const { clock, store } = await setUp()
  const input = { since: new Date(0), cents: 5n }
  const text = JSON.stringify({ since: { $hf: 'date', value: 0 }, cents: { $hf: 'bigint', value: '5' } })
  const run = await RecordedRun.open(store, clock, 'r1', { name: 'checkout', thread: 't1', tags: ['vip'], input: text })
  await run.close('completed', new Map([[1, 2]]))
  expect(await getRun({ store }, 'r1')).toMatchObject({
    ...{
      id: 'r1',
      name: 'checkout',
      thread: 't1',
      tags: ['vip'],
      status: 'completed',
      attempt: 1,
      dead: false,
      parentId: null,
    },
    ...{
      input,
      output: new Map([[1, 2]]),
      outputKept: true,
      error: null,
      createdAt: new Date(clock.now()),
      endedAt: new Date(clock.now()),
    },
  })
  expect(await getRun({ store }, 'r2')).toBeUndefined()
})

test('runs are listed newest first, page by page, by name, thread, tag, status, parent and time', async () => {
  const { clock, store } = await setUp()
  for (const index of [1, 2, 3, 4, 5]) {
    const more = { name: index % 2 ? 'odd' : 'even', thread: `t${index}`, tags: [`tag${index}`] }
    const run = await RecordedRun.open(store, clock, `r${index}`, more)
    if (index < 3) await run.close('completed')
    await clock.advance(1_000)
  }
  const parent = await RecordedRun.open(store, clock, 'parent')
  await RecordedRun.open(store, clock, 'child', { parent: { run: parent.ref, lane: '', effect: null } })
  const ids = async (query: Parameters<typeof listRuns>[1]) => (await listRuns({ store }, query)).map(({ id }) => id)

  expect(await ids({})).toEqual(['child', 'parent', 'r5', 'r4', 'r3', 'r2', 'r1'])
  const [first, second] = await listRuns({ store }, { limit: 2 })
  expect([first?.id, second?.id]).toEqual(['child', 'parent'])
  expect(await ids({ limit: 2, before: second?.seq ?? 0 })).toEqual(['r5', 'r4'])
  expect(await ids({ name: 'odd' })).toEqual(['r5', 'r3', 'r1'])
  expect(await ids({ thread: 't2' })).toEqual(['r2'])
  expect(await ids({ tag: 'tag4' })).toEqual(['r4'])
  expect(await ids({ status: 'completed' })).toEqual(['r2', 'r1'])
  expect(await ids({ parent: 'parent' })).toEqual(['child'])
  expect(await ids({ parent: 'nobody' })).toEqual([])
  const start = (await getRun({ store }, 'r1'))?.createdAt.getTime() ?? 0
  expect(await ids({ from: new Date(start + 2_000), to: new Date(start + 4_000) })).toEqual(['r4', 'r3'])
})

test('effects are found by key, run, tool, status and arguments', async () => {
  const { clock, store } = await setUp()
  const run = await RecordedRun.open(store, clock, 'r1')
  const outer = await run.claim('outer')
  await run.succeed(
    'pay',
    { id: 'ch_1' },
    { args: { cents: 1, at: new Date(0) }, parent: outer.id, lane: 'x', key: 'a' },
  )
  await run.fail('pay', new TypeError('declined'), { args: { cents: 2 }, key: 'b' })
  const other = await RecordedRun.open(store, clock, 'r2')
  await other.succeed('pay', 1)

  const [paid] = await findEffects({ store }, { runId: 'r1', tool: 'pay', args: { at: new Date(0), cents: 1 } })
  expect(paid).toMatchObject({
    tool: 'pay',
    runId: 'r1',
    result: { id: 'ch_1' },
    status: 'succeeded',
    generation: 1,
    attempt: 1,
  })
  expect(paid?.idempotencyKey).toMatch(/^hf_/)
  expect(await getEffect({ store }, paid?.key ?? '')).toEqual(paid)
  expect(await getEffectHistory({ store }, paid?.key ?? '')).toHaveLength(1)
  expect(await getEffect({ store }, 'nonsense')).toBeUndefined()

  const [declined] = await listEffects({ store }, { runId: 'r1', tool: 'pay', status: 'failed' })
  expect(declined?.error).toEqual({ name: 'TypeError', message: 'declined' })
  expect(declined?.certainty).toBe('assumed')
  const all = await listEffects({ store }, { runId: 'r1' })
  expect(all.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
    'outer processing',
    'pay succeeded',
    'pay failed',
  ])
  expect(all[1]?.parentKey).toBe(all[0]?.key)
  expect(paid).toEqual(all[1])
  expect(await listEffects({ store }, { tool: 'pay' })).toHaveLength(3)
  expect(await listEffects({ store }, { tool: 'pay', limit: 1, after: all[1]?.id ?? 0 })).toEqual([declined])
  expect(await listEffects({ store }, { runId: 'nobody' })).toEqual([])
})

test('calls are shown with their requests whole, alone or listed', async () => {
  const { clock, store } = await setUp()
  const run = await RecordedRun.open(store, clock, 'r1')
  const messages: unknown[] = []
  const requests: unknown[] = []
  for (const index of [1, 2, 3]) {
    messages.push({ role: 'user', content: `m${index}` })
    requests.push({ model: 'gpt-5', messages: [...messages] })
    await run.call('gpt-5', { model: 'gpt-5', messages }, { answer: index })
  }
  const calls = await listCalls({ store }, { runId: 'r1' })
  expect(calls.map(({ request }) => request)).toEqual(requests)
  expect(calls.map(({ ordinal, response, status }) => [ordinal, response, status])).toEqual([
    [1, { answer: 1 }, 'succeeded'],
    [2, { answer: 2 }, 'succeeded'],
    [3, { answer: 3 }, 'succeeded'],
  ])
  expect(await getCall({ store }, calls[2]?.id ?? 0)).toEqual(calls[2])
  expect(await listCalls({ store }, { after: calls[1]?.id ?? 0, model: 'gpt-5' })).toEqual([calls[2]])
  expect(await listCalls({ store }, { model: 'other' })).toEqual([])
  expect(await getCall({ store }, 1)).toBeUndefined()
})

test('a status that is none is refused, instead of finding nothing', async () => {
  const { store } = await setUp()
  await expect(listRuns({ store }, { status: 'done' as never })).rejects.toThrow("'done' is no status")
  await expect(listEffects({ store }, { status: ['unknown', 'done' as never] })).rejects.toThrow(ConfigError)
})

test('effects are found by the arguments that were given, undefined members included', async () => {
  const { clock, store } = await setUp()
  const run = await RecordedRun.open(store, clock, 'r1')
  await run.succeed('pay', null, { args: { cents: 1 } })
  const args = { cents: 1, note: undefined }
  expect(await findEffects({ store }, { runId: 'r1', tool: 'pay', args })).toHaveLength(1)
})
