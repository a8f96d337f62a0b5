import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { Usd } from '../usd.ts'

const nano = (tokens: number) => nanoOf(tokens) as Usd
const LIMITS = { budget: nano(10_000) }

/** A ledger whose store takes no such change from now on. */
async function refusing(change: string): Promise<Ledger> {
  const path = join(temporaryFolder(), 'ledger.db')
  const ledger = temporaryLedger({ store: sqlite(path) })
  await ledger.migrate()
  const database = new Database(path)
  database.exec(`CREATE TRIGGER refuse BEFORE UPDATE ${change} BEGIN SELECT RAISE(ABORT, 'not that'); END`)
  database.close()
  return ledger
}

function listener(ledger: Ledger) {
  const told = vi.fn()
  ledger.on('settlement-failed', told)
  return told
}

describe('an answer that is paid for reaches its caller', () => {
  test('although what it cost cannot be reckoned: all that was put aside counts', async () => {
    const ledger = temporaryLedger()
    const told = listener(ledger)
    const answer = {
      model: 'fake-1',
      text: 'said',
      get usage(): never {
        throw new Error('not yet')
      },
    }
    await ledger.run({ id: 'r', limits: LIMITS }, async (run) => {
      expect(await new FakeModel().call(run, { send: async () => answer })).toBe(answer)
      expect(await run.usage()).toMatchObject({ spent: nano(1_000), held: 0 })
    })
    expect(told.mock.calls).toEqual([[{ runId: 'r', model: 'fake-1', reason: expect.stringMatching('not yet') }]])
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('although the store does not take what it cost', async () => {
    // 1: settled.
    const ledger = await refusing('ON hold WHEN NEW.status = 1')
    const told = listener(ledger)
    await ledger.run({ id: 'r', limits: LIMITS }, async (run) => {
      expect(await new FakeModel().call(run, { used: 10 })).toMatchObject({ text: 'said' })
      expect(await run.usage()).toMatchObject({ spent: nano(1_000), held: 0 })
    })
    expect(told.mock.calls).toEqual([[{ runId: 'r', model: 'fake-1', reason: expect.stringMatching('not that') }]])
    expect(await ledger.calls.list()).toMatchObject([{ status: 'succeeded', cost: { status: 'charged' } }])
  })

  test('although the store takes nothing of it: it stays put aside', async () => {
    const ledger = await refusing('ON call')
    const told = listener(ledger)
    await ledger.run({ id: 'r', limits: LIMITS, onError: 'keep' }, async (run) => {
      expect(await new FakeModel().call(run, { used: 10 })).toMatchObject({ text: 'said' })
      expect(await run.usage()).toMatchObject({ spent: 0, held: nano(1_000), remaining: nano(9_000) })
    })
    expect(told).toHaveBeenCalledOnce()
  })
})

test('the error of a sender is its own, also where what it says that was used cannot be reckoned', async () => {
  const ledger = temporaryLedger()
  const usage = Object.defineProperty({ prompt_tokens: 1, completion_tokens: 1 }, 'prompt_tokens_details', {
    get: () => {
      throw new Error('not yet')
    },
  })
  const error = Object.assign(new Error('broke off'), { usage })
  await ledger.run({ id: 'r', limits: LIMITS }, async (run) => {
    const call = new FakeModel().call(run, { send: () => Promise.reject(error) })
    await expect(call).rejects.toBe(error)
    expect(await run.usage()).toMatchObject({ spent: nano(1_000), held: 0 })
  })
})
