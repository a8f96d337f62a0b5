import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LedgerOptions } from '../config/ledger-options.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { tool } from '../run/callable-tool.ts'
import type { Run } from '../run/run.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'

const ID = { id: 'turn-1' }
const TEA = { note: 'tea' }

/** A ledger whose file another connection can lock, so that no write gets through. */
async function lockable(options: LedgerOptions = {}) {
  const path = join(temporaryFolder(), 'ledger.db')
  const ledger = temporaryLedger({ store: sqlite(path, { busyMs: 30 }), leaseMs: 300, ...options })
  await ledger.migrate()
  const database = new Database(path)
  onTestFinished(() => void database.close())
  const told: string[] = []
  ledger.on('unprotected', ({ what }) => told.push(what))
  const outages = vi.fn()
  ledger.on('outage', outages)
  return {
    ledger,
    told,
    outages,
    lock: () => void database.exec('BEGIN IMMEDIATE'),
    unlock: () => void database.exec('ROLLBACK'),
  }
}

const ask = (run: Run, send: () => Promise<string>) =>
  run.call({ provider: 'test', model: 'test-1', request: { messages: ['hi'] } }, send)

describe("onOutage 'block'", () => {
  test('stops the run before a write, a read or a call that could not be recorded', async () => {
    const { ledger, lock, unlock, told } = await lockable()
    const [charge, look] = [countedTool('charge'), countedTool('look', { effect: 'read' })]
    const send = vi.fn(async () => 'said')
    const acts: ((run: Run) => Promise<unknown>)[] = [() => charge(TEA), (run) => ask(run, send)]
    for (const [index, act] of acts.entries()) {
      const ended = ledger.run({ id: `turn-${index}` }, async (run) => {
        lock()
        await act(run).catch(() => undefined)
        unlock()
        await look(TEA).catch(() => undefined)
        await charge(TEA).catch(() => undefined)
      })
      await expect(ended).rejects.toThrow(StoreUnavailableError)
    }
    expect([charge.done, look.done, send.mock.calls.length, told]).toEqual([[], [], 0, []])
  })

  test('records the outcome of a body that ran as soon as the store is back', async () => {
    const { ledger, lock, unlock } = await lockable()
    const charge = tool({
      name: 'charge',
      execute: () => {
        lock()
        return 'paid'
      },
    })
    const error = await ledger.run(ID, () => charge()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreUnavailableError)
    unlock()
    await eventually(async () =>
      expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', result: 'paid' }]),
    )
  })

  test('records the end of a run as soon as the store is back, so that its id can be asked for again', async () => {
    const { ledger, lock, unlock } = await lockable()
    // Renews the leases of this process as long as it is open.
    const other = await ledger.open({ id: 'other' })
    const closed = vi.fn()
    ledger.on('run-closed', closed)
    const ended = ledger.run(ID, () => {
      lock()
      throw new Error('the agent broke')
    })
    await expect(ended).rejects.toThrow('the agent broke')
    expect(closed).not.toHaveBeenCalled()
    unlock()
    await eventually(async () => expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'failed' }))
    expect(closed.mock.calls).toEqual([[{ runId: 'turn-1', status: 'failed' }]])
    expect(await ledger.run({ ...ID, retry: true }, () => 'done')).toBe('done')
    await other.complete()
  })

  test('records the end also of a run whose halt is on record', async () => {
    const { ledger, lock, unlock } = await lockable()
    const ended = ledger.run(ID, async (run) => {
      await run.halt('enough')
      lock()
    })
    await expect(ended).rejects.toThrow('enough')
    unlock()
    await eventually(async () => expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'failed' }))
  })

  test('records the outcome of a body before the end of its run', async () => {
    const { ledger, lock, unlock } = await lockable()
    const charge = tool({
      name: 'charge',
      execute: () => {
        lock()
        return 'paid'
      },
    })
    await expect(ledger.run(ID, () => charge())).rejects.toThrow(StoreUnavailableError)
    unlock()
    await eventually(async () => expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'failed' }))
    const { entries } = await ledger.runs.export('turn-1')
    expect(entries.map(({ kind }) => kind).slice(-2)).toEqual(['effect-succeeded', 'run-closed'])
  })

  test('refuses to open a run', async () => {
    const { ledger, lock, unlock } = await lockable()
    lock()
    const agent = vi.fn()
    await expect(ledger.run(ID, agent)).rejects.toThrow(StoreUnavailableError)
    unlock()
    expect(agent).not.toHaveBeenCalled()
  })
})

describe("onOutage 'allow'", () => {
  test('lets calls go on unprotected and says so, stops writes, and puts on record what happened', async () => {
    const { ledger, lock, unlock, told, outages } = await lockable({ onOutage: 'allow' })
    const charge = countedTool('charge')
    const send = vi.fn(async () => 'said')
    const look = countedTool('look', { effect: 'read' })
    const said = await ledger.run(ID, async (run) => {
      lock()
      const answer = [await ask(run, send), await look(TEA)]
      unlock()
      return [...answer, await charge(TEA)]
    })
    expect(said).toEqual(['said', 'look of tea', 'charge of tea'])
    expect([told, outages.mock.calls.length]).toEqual([['call test-1'], 1])
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'completed', unprotected: true })
    const { entries } = await ledger.runs.export('turn-1')
    expect(entries.map(({ kind }) => kind)).toContain('unprotected')
  })

  test('keeps answers that cannot be written, and writes them when the store is back', async () => {
    const { ledger, lock, unlock, told } = await lockable({ onOutage: 'allow' })
    const look = countedTool('look', { effect: 'read' })
    const note = countedTool('note')
    const said = await ledger.run(ID, async (run) => {
      lock()
      const values = [await look(TEA), await run.value('dice', () => 4)]
      await eventually(async () => expect(told).toEqual(['read look']))
      values.push(await look({ note: 'milk' }))
      unlock()
      await eventually(async () => expect((await ledger.runs.get('turn-1'))?.unprotected).toBe(true))
      return [...values, await note(TEA)]
    })
    expect(said).toEqual(['look of tea', 4, 'look of milk', 'note of tea'])
    const { answers } = await ledger.runs.export('turn-1')
    expect(answers.map(({ name }) => name)).toEqual(['look', 'dice', 'look'])
  })

  test('still stops the run before a write, unless its tool allows that too', async () => {
    const { ledger, lock, unlock, told } = await lockable({ onOutage: 'allow' })
    const [charge, notify] = [countedTool('charge'), countedTool('notify', { onOutage: 'allow' })]
    const ended = ledger.run(ID, async () => {
      lock()
      try {
        expect(await notify(TEA)).toBe('notify of tea')
        await charge(TEA)
      } finally {
        unlock()
      }
    })
    await expect(ended).rejects.toThrow(StoreUnavailableError)
    expect([charge.done, notify.done, told]).toEqual([[], ['tea'], ['effect notify']])
  })

  test('opens a run without a record, in which reads and calls go on and writes stop', async () => {
    const { ledger, lock, unlock, told } = await lockable({ onOutage: 'allow' })
    const [charge, look] = [countedTool('charge'), countedTool('look', { effect: 'read' })]
    lock()
    const answer = await ledger.run(ID, async (run) => {
      const said = await ask(run, async () => 'said')
      await expect(charge(TEA)).rejects.toThrow(StoreUnavailableError)
      const values = [await run.value('dice', () => 4), said, await look(TEA)]
      unlock()
      return values
    })
    expect(answer).toEqual([4, 'said', 'look of tea'])
    expect([charge.done, told]).toEqual([[], ['call test-1', 'read look']])
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'completed', unprotected: true })
  })

  test('ledger.open gives an unprotected run too', async () => {
    const { ledger, lock, unlock } = await lockable({ onOutage: 'allow' })
    lock()
    const run = await ledger.open(ID)
    expect(await ask(run, async () => 'said')).toBe('said')
    unlock()
    await run.complete()
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'completed', unprotected: true })
  })
})
