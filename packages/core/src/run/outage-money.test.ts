import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LedgerOptions } from '../config/ledger-options.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { eventually } from '../testing/eventually.ts'
import { FakeModel, nanoOf, OUTPUT_PRICE } from '../testing/fake-model.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd

/** A ledger whose file another connection can lock, so that no write gets through. */
async function lockable(options: LedgerOptions = {}) {
  const path = join(temporaryFolder(), 'ledger.db')
  const store = sqlite(path, { busyMs: 30 })
  const ledger = temporaryLedger({ store, leaseMs: 300, session: 's', ...options })
  await ledger.migrate()
  const database = new Database(path)
  onTestFinished(() => void database.close())
  const spentOn = async (scope: string) => (await ledger.scopes.usage(scope)).spent
  return {
    ledger,
    spentOn,
    lock: () => void database.exec('BEGIN IMMEDIATE'),
    unlock: () => void database.exec('ROLLBACK'),
  }
}

const said = (tokens: number) => ({
  model: 'fake-1',
  text: 'said',
  usage: { prompt_tokens: 1, completion_tokens: tokens },
})

describe('money while the store is out of reach', () => {
  test('of a call in flight is settled as soon as it is back, by what it used', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable()
    const model = new FakeModel()
    const failed = ledger.run({ id: 'r', limits: { budget: nano(1_000) } }, (run) =>
      model.call(run, {
        send: async () => {
          lock()
          return said(300)
        },
      }),
    )
    await expect(failed).rejects.toThrow(StoreUnavailableError)
    unlock()
    await eventually(async () => expect(await spentOn('run:r')).toBe(nano(300)))
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('stops a call before it is sent, unless the ledger allows otherwise', async () => {
    const { ledger, lock, unlock } = await lockable()
    const model = new FakeModel()
    const failed = ledger.run({ id: 'r' }, async (run) => {
      lock()
      await model.call(run).catch(() => undefined)
      unlock()
    })
    await expect(failed).rejects.toThrow(StoreUnavailableError)
    expect(model.arrived).toEqual([])
  })

  test('that was spent without asking is added in full when it is back, also above the limits', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable({ onOutage: 'allow' })
    const model = new FakeModel()
    await ledger.run({ id: 'r', limits: { budget: nano(1_000), calls: 1 } }, async (run) => {
      lock()
      for (const content of ['one', 'two']) await model.call(run, { cap: 2_000, used: 1_500, content })
      unlock()
    })
    expect(model.arrived).toHaveLength(2)
    await eventually(async () => expect(await spentOn('run:r')).toBe(nano(3_000)))
    expect(await spentOn('session:s')).toBe(nano(3_000))
    expect(await ledger.scopes.usage('run:r')).toMatchObject({ calls: 2, held: 0 })
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('that a run without a record spent is added with the run', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable({ onOutage: 'allow', limits: { budget: nano(9_000) } })
    const model = new FakeModel()
    lock()
    await ledger.run({ id: 'r' }, async (run) => {
      await model.call(run, { used: 700 })
      unlock()
    })
    expect(await spentOn('run:r')).toBe(nano(700))
    expect(await spentOn('session:s')).toBe(nano(700))
  })

  test('that was spent by a run that ended before it was back is added when it answers anybody', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable({ onOutage: 'allow' })
    const model = new FakeModel()
    lock()
    await ledger.run({ id: 'r' }, (run) => model.call(run, { used: 700 }))
    await ledger.run({ id: 'free' }, async () => 'nothing spent')
    unlock()
    expect(await spentOn('run:r')).toBe(0)
    await ledger.run({ id: 'later' }, async () => 'the store answers')
    await eventually(async () => expect(await spentOn('run:r')).toBe(nano(700)))
    expect(await ledger.runs.get('r')).toMatchObject({ status: 'completed', unprotected: true })
    await ledger.run({ id: 'even later' }, async () => 'and again')
    expect(await spentOn('run:r')).toBe(nano(700))
  })

  test('that a run below spent without a record counts on the run above', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable({ onOutage: 'allow' })
    const model = new FakeModel()
    await ledger.run({ id: 'parent' }, async () => {
      lock()
      await ledger.run({ id: 'child' }, (run) => model.call(run, { used: 700 }))
      unlock()
    })
    await eventually(async () => expect(await spentOn('run:parent')).toBe(nano(700)))
  })

  test('that failed calls may have spent is added too, and what was not billed is not', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable({ onOutage: 'allow' })
    const model = new FakeModel()
    const failing = (status: number) => async () => {
      throw Object.assign(new Error('no'), { status })
    }
    await ledger.run({ id: 'r' }, async (run) => {
      lock()
      await model.call(run, { send: failing(408) }).catch(() => undefined)
      await model.call(run, { content: 'again', send: failing(429) }).catch(() => undefined)
      const refused = Object.assign(new Error('no connection'), { code: 'ECONNREFUSED' })
      await model.call(run, { content: 'never', send: () => Promise.reject(refused) }).catch(() => undefined)
      unlock()
    })
    await eventually(async () => expect(await spentOn('run:r')).toBe(nano(1_000)))
    expect((await ledger.scopes.usage('run:r')).calls).toBe(2)
    const { entries } = await ledger.runs.export('r')
    expect(entries.filter(({ kind }) => kind === 'hold-opened')).toHaveLength(2)
  })

  test('counts whatever its sender does that is no promise', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable({ onOutage: 'allow' })
    const asked = (content: string) => {
      const request = { max_tokens: 1_000, messages: [{ role: 'user', content }] }
      return { provider: 'fake', model: 'fake-1', request, price: OUTPUT_PRICE }
    }
    const throws = (): never => {
      throw new Error('at once')
    }
    await ledger.run({ id: 'r' }, async (run) => {
      lock()
      expect(await run.call(asked('one'), () => said(300) as never)).toEqual(said(300))
      await expect(run.call(asked('two'), throws)).rejects.toThrow('at once')
      unlock()
    })
    await eventually(async () => expect(await spentOn('run:r')).toBe(nano(1_300)))
  })

  test('that was put aside by hand is counted once, however it is told', async () => {
    const { ledger, spentOn, lock, unlock } = await lockable({ onOutage: 'allow' })
    const hold = await ledger.run({ id: 'r' }, async (run) => {
      lock()
      const held = await run.reserve({ model: 'fake-1', usd: nano(500) })
      await held[Symbol.asyncDispose]()
      unlock()
      return held
    })
    await hold.settle({ usd: nano(200) })
    await eventually(async () => expect(await spentOn('run:r')).toBe(nano(200)))
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })
})
