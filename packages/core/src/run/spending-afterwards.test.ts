import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Hold } from '../budget/hold.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { eventually } from '../testing/eventually.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'

/** A ledger whose file another connection can lock, so that no write gets through. */
async function lockable() {
  const path = join(temporaryFolder(), 'ledger.db')
  const store = sqlite(path, { busyMs: 30 })
  const ledger = temporaryLedger({ store, leaseMs: 300, session: 's', onOutage: 'allow', limits: {} })
  await ledger.migrate()
  const database = new Database(path)
  onTestFinished(() => void database.close())
  const locked = async (work: () => Promise<unknown>) => {
    database.exec('BEGIN IMMEDIATE')
    await work()
    database.exec('ROLLBACK')
  }
  return { ledger, database, locked }
}

describe('what a run without a record spent, under an id', () => {
  test.each([
    ['that had ended before', { input: 'one' }],
    ['that another input has', { input: 'other' }],
  ])('%s, counts in a run beside it', async (_, { input }) => {
    const { ledger, locked } = await lockable()
    const model = new FakeModel()
    await ledger.run({ id: 'r', input: 'one' }, (run) => model.call(run, { used: 100 }))
    await locked(() => ledger.run({ id: 'r', input, tags: ['late'] }, (run) => model.call(run, { used: 700 })))
    await ledger.run({ id: 'later' }, async () => 'the store answers')
    await eventually(async () => {
      expect(await ledger.scopes.usage('session:s')).toMatchObject({ spent: nanoOf(800), held: 0, calls: 2 })
    })
    expect(await ledger.runs.get('r')).toMatchObject({ status: 'completed', input: 'one' })
    expect(await ledger.scopes.usage('run:r')).toMatchObject({ spent: nanoOf(100) })
    const [beside] = await ledger.runs.list({ tag: 'late' })
    expect(beside).toMatchObject({ id: expect.stringMatching(/^r:./), status: 'completed', unprotected: true })
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })
})

test('a run that waits for a human is not ended by one of its id that had no record', async () => {
  const { ledger, locked } = await lockable()
  const deploy = tool({ name: 'deploy', approval: true, execute: () => 'deployed' })
  const model = new FakeModel()
  const agent = async (run: Run) => {
    await model.call(run, { used: 100 })
    return deploy()
  }
  await expect(ledger.run({ id: 'r' }, agent)).rejects.toThrow(ApprovalRequiredError)
  await locked(() => expect(ledger.run({ id: 'r' }, agent)).rejects.toThrow(StoreUnavailableError))
  await ledger.run({ id: 'later' }, async () => 'the store answers')
  await eventually(async () => expect((await ledger.scopes.usage('session:s')).spent).toBe(nanoOf(200)))
  expect(await ledger.runs.get('r')).toMatchObject({ status: 'waiting' })
  for await (const { key } of ledger.approvals.pending()) await ledger.approvals.approve(key, { by: 'ops' })
  expect(await ledger.run({ id: 'r' }, agent)).toBe('deployed')
})

describe('what a run without a record spent, and is told after its end', () => {
  test('is added once, whether the store is back by then or not', async () => {
    const { ledger, locked } = await lockable()
    const holds: Hold[] = []
    const reserve = async (run: Run) => {
      for (let count = 0; count < 2; count++) holds.push(await run.reserve({ model: 'm', usd: usd(1) }))
    }
    await locked(async () => {
      await ledger.run({ id: 'r' }, reserve)
      await holds[0]?.settle({ usd: usd('0.2') })
    })
    await ledger.run({ id: 'later' }, async () => 'the store answers')
    const spent = async () => (await ledger.scopes.usage('run:r')).spent
    await eventually(async () => expect(await spent()).toBe(usd('1.2')))
    await holds[1]?.settle({ usd: usd('0.1') })
    await eventually(async () => expect(await spent()).toBe(usd('0.3')))
    expect(await ledger.scopes.usage('session:s')).toMatchObject({ spent: usd('0.3'), held: 0, calls: 2 })
    expect(await ledger.runs.get('r')).toMatchObject({ status: 'completed', unprotected: true })
    const { entries } = await ledger.runs.export('r')
    expect(entries.filter(({ kind }) => kind === 'unprotected')).toHaveLength(2)
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('is added of a call that was given up at its end, and of what was spent before', async () => {
    const { ledger, locked } = await lockable()
    const model = new FakeModel()
    const answered = Promise.withResolvers<Awaited<ReturnType<FakeModel['call']>>>()
    let given: Promise<unknown> | undefined
    await locked(() =>
      ledger.run({ id: 'r' }, async (run) => {
        await model.call(run, { used: 100 })
        given = model.call(run, { content: 'long', send: () => answered.promise })
      }),
    )
    answered.resolve({ model: 'fake-1', text: 'late', usage: { prompt_tokens: 1, completion_tokens: 600 } })
    await given
    await ledger.run({ id: 'later' }, async () => 'the store answers')
    await eventually(async () => expect((await ledger.scopes.usage('run:r')).spent).toBe(nanoOf(700)))
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })
})

test('what was spent without asking, and cannot be added, is told', async () => {
  const { ledger, database, locked } = await lockable()
  const failed = vi.fn()
  ledger.on('settlement-failed', failed)
  await ledger.run({ id: 'r' }, async (run) => {
    await locked(() => new FakeModel().call(run))
    database.exec("CREATE TRIGGER full BEFORE INSERT ON hold BEGIN SELECT RAISE(ABORT, 'no room'); END")
  })
  const reason = expect.stringContaining('no room')
  await eventually(async () => expect(failed).toHaveBeenCalledExactlyOnceWith({ runId: 'r', model: 'fake-1', reason }))
})
