import { expect, test } from 'vitest'
import { redactFields } from '../config/redact-fields.ts'
import { ConfigError } from '../errors/config-error.ts'
import { AT, LEASE_MS, openProcess, openRun } from '../store/sqlite/testing/fixture.ts'
import { hold } from '../store/sqlite/testing/money-fixture.ts'
import { Deeds } from '../testing/deeds.ts'
import { Story, temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { endlessOrder, order, tools } from './testing/order.ts'

const ORDER = new URL('./testing/order.ts', import.meta.url)

/** A fresh process, as far as the records can tell. */
function fresh(story: Story, known?: { readonly applied: boolean }) {
  const outside = { act: (what: string) => void acts.push(what), reach: () => undefined }
  const acts: string[] = []
  const { pay } = tools(outside, known)
  return { ledger: temporaryLedger({ tools: [pay] }, story.folder), acts }
}

test.each(['in-compensation', 'after-compensation'])(
  'a compensation that was killed %s is finished, once',
  async (point) => {
    const story = new Story(ORDER, order)
    await story.killedAt(point)
    const { ledger, acts } = fresh(story)
    const recovery = await ledger.recover()
    expect(recovery).toMatchObject({
      compensated: [{ runId: 'order', status: 'compensated' }],
      complete: true,
      blocked: [],
    })
    expect(acts).toEqual(['undo pay b', 'undo pay a'])
    expect(await ledger.recover()).toMatchObject({ compensated: [], resumable: [] })
    expect((await ledger.verify()).problems).toEqual([])
  },
)

test('an effect that nobody may take over is left and listed, and the others are undone', async () => {
  const story = new Story(ORDER, endlessOrder)
  await story.killedAt('in-hold')
  await expect(story.resumed()).rejects.toMatchObject({ failures: [{ tool: 'hold' }] })
  expect(story.newActs).toEqual(['undo pay a'])
  const ledger = story.ledger()
  expect((await ledger.runs.get('order'))?.status).toBe('compensation_failed')
  const [left] = await ledger.effects.list({ status: 'processing' })
  await ledger.effects.resolve(left?.key ?? '', { outcome: 'not_applied', by: 'ops' })
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated' })
})

test('a dead run is left as it is and named as resumable; what it left in the middle is unknown', async () => {
  const story = new Story(ORDER, order)
  await story.killedAt('after-pay')
  const { ledger, acts } = fresh(story)
  const recovery = await ledger.recover()
  expect(recovery).toMatchObject({ expired: 1, resolved: 0, compensated: [], resumed: [] })
  expect(recovery.resumable.map(({ id, dead }) => [id, dead])).toEqual([['order', true]])
  expect((await ledger.effects.list()).map(({ status }) => status)).toEqual(['unknown'])
  expect(acts).toEqual([])
})

test('reconcile hooks of registered tools are asked', async () => {
  const story = new Story(ORDER, order)
  await story.killedAt('after-pay')
  const { ledger } = fresh(story, { applied: true })
  expect(await ledger.recover()).toMatchObject({ expired: 1, resolved: 1 })
  expect((await ledger.effects.list()).map(({ status, result }) => [status, result])).toEqual([['succeeded', 'pay a']])
})

test('a run whose name has an agent is resumed by it, with what it started from', async () => {
  const story = new Story(ORDER, order)
  await story.killedAt('after-pay')
  const acts: string[] = []
  const { pay } = tools({ act: (what) => void acts.push(what), reach: () => undefined }, { applied: true })
  const seen: unknown[] = []
  const agents = {
    order: async (run: { readonly input: unknown }) => {
      seen.push(run.input)
      return [await pay({ note: 'a' }), await pay({ note: 'b' })]
    },
  }
  const { createLedger } = await import('../ledger.ts')
  const { sqlite } = await import('../store/sqlite/sqlite.ts')
  await using ledger = createLedger({ store: sqlite(`${story.folder}/ledger.db`), tools: [pay], agents })
  expect(await ledger.recover()).toMatchObject({ resumed: [{ runId: 'order' }], resumable: [] })
  expect(seen).toEqual([{ by: 'ann' }])
  expect(acts).toEqual(['pay b'])
  expect(await ledger.runs.get('order')).toMatchObject({ status: 'completed', output: ['pay a', 'pay b'] })
})

test.each(['compensate', 'keep'] as const)("an abandoned run is closed as failed, and then: '%s'", async (then) => {
  const folder = temporaryFolder()
  const clock = new ManualClock()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const ledger = temporaryLedger({ tools: [pay], clock }, folder)
  const controller = new AbortController()
  const left = ledger.run({ id: 'order', signal: controller.signal }, async () => {
    await pay({ note: 'a' })
    controller.abort(new Error('gone'))
    throw new Error('gone')
  })
  await expect(left).rejects.toThrow('gone')
  const abandoned = { olderThanMs: 60_000, then }
  expect(await ledger.recover({ abandoned })).toMatchObject({ abandoned: [], resumable: [{ id: 'order' }] })
  await clock.advance(60_001)
  expect(await ledger.recover({ abandoned })).toMatchObject({ abandoned: ['order'], resumable: [] })
  expect(deeds.undone).toEqual(then === 'compensate' ? ['pay a'] : [])
  const status = then === 'compensate' ? 'compensated' : 'failed'
  expect(await ledger.runs.get('order')).toMatchObject({ status, error: { code: 'run-abandoned' } })
})

test('a missing tool blocks its run, is named, and the others are recovered', async () => {
  const folder = temporaryFolder()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const ship = deeds.step('ship')
  const ledger = temporaryLedger({ tools: [pay] }, folder)
  const fail = (id: string, step: typeof pay) =>
    ledger.run({ id, onError: 'keep' }, async () => {
      await step({ note: id })
      throw new Error('no')
    })
  await fail('one', ship).catch(() => undefined)
  await fail('two', pay).catch(() => undefined)
  await expect(ledger.runs.compensate('one')).rejects.toThrow(ConfigError)
  const recovery = await ledger.recover()
  expect(recovery.blocked).toMatchObject([{ runId: 'one', error: { code: 'config' } }])
  expect((await ledger.runs.get('one'))?.status).toBe('compensating')
  expect(await ledger.runs.compensate('two')).toMatchObject({ status: 'compensated' })
})

test('what a process that is gone held for its calls is charged', async () => {
  const folder = temporaryFolder()
  const store = openProcess(`${folder}/ledger.db`, new ManualClock())
  await hold(store, await openRun(store, { id: 'order' }), 8)
  const clock = new ManualClock()
  const ledger = temporaryLedger({ clock }, folder)
  expect(await ledger.recover()).toMatchObject({ holdsCharged: 0 })
  await clock.advance(LEASE_MS + 1)
  expect(await ledger.recover()).toMatchObject({ holdsCharged: 1, blocked: [], complete: true })
  expect(await ledger.recover()).toMatchObject({ holdsCharged: 0 })
  expect(await store.readUsage('run:order', AT)).toMatchObject({ spentNano: 8, heldNano: 0 })
})

test('the limit and the deadline end a recovery early, and it says so', async () => {
  const ledger = temporaryLedger()
  for (const id of ['a', 'b', 'c']) {
    const controller = new AbortController()
    const left = ledger.run({ id, signal: controller.signal }, async () => {
      controller.abort(new Error('gone'))
      throw new Error('gone')
    })
    await left.catch(() => undefined)
  }
  const some = await ledger.recover({ limit: 2 })
  expect(some).toMatchObject({ complete: false, resumable: [{ id: 'a' }, { id: 'b' }] })
  expect(await ledger.recover()).toMatchObject({ complete: true, resumable: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] })
})

test("what is resumable is shown as the ledger's redact lets it be seen", async () => {
  const ledger = temporaryLedger({ redact: redactFields(['card']) })
  const controller = new AbortController()
  const left = ledger.run({ id: 'order', input: { card: '4242' }, signal: controller.signal }, async () => {
    controller.abort(new Error('gone'))
    throw new Error('gone')
  })
  await left.catch(() => undefined)
  expect(await ledger.recover()).toMatchObject({ resumable: [{ id: 'order', input: { card: '[redacted]' } }] })
})

test.each([{ limit: 0 }, { deadlineMs: -1 }, { abandoned: { olderThanMs: 5 } }, { olderThanMs: 5 }])(
  'options that are wrong are refused: %j',
  async (options) => {
    const ledger = temporaryLedger()
    await expect(ledger.recover(options as never)).rejects.toThrow(ConfigError)
  },
)
