import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type LedgerOptions, StoreUnavailableError, sqlite } from 'holdfast'
import { expect, onTestFinished, test } from 'vitest'
import { chunks, completion } from './testing/bodies.ts'
import { callsOf, openai, SAY_HI, testLedger, wordsOf } from './testing/guarded.ts'
import { events, json, modelServer } from './testing/model-server.ts'

const STREAMED = { ...SAY_HI, stream: true } as const

/** A ledger whose file another connection can lock, so that no write gets through. */
async function lockable(options: LedgerOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  const path = join(folder, 'ledger.db')
  const ledger = testLedger({ store: sqlite(path, { busyMs: 30 }), leaseMs: 300, ...options })
  await ledger.migrate()
  const database = new Database(path)
  onTestFinished(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { ledger, lock: () => void database.exec('BEGIN IMMEDIATE'), unlock: () => void database.exec('ROLLBACK') }
}

test('an answer that cannot be put on record is not given, and counts when the store is back', async () => {
  const { ledger, lock, unlock } = await lockable()
  const server = await modelServer((response, request) => {
    lock()
    return json(completion('Hi.'))(response, request)
  })
  const caught: unknown[] = []
  const asked = ledger.run({ id: 'r' }, () =>
    openai(server, ledger)
      .chat.completions.create(SAY_HI)
      .catch((error: unknown) => caught.push(error)),
  )
  // Whatever the agent makes of that.
  await expect(asked).rejects.toThrow(StoreUnavailableError)
  expect(caught).toEqual([expect.any(StoreUnavailableError)])
  unlock()
  while ((await ledger.scopes.usage('run:r')).spent === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(server.arrived).toHaveLength(1)
  expect(await ledger.verify()).toMatchObject({ ok: true })
})

test('a stream that cannot be put on record fails before its end', async () => {
  const { ledger, lock, unlock } = await lockable()
  const server = await modelServer((response, request) => {
    lock()
    return events(chunks(['Hi', '.'], true))(response, request)
  })
  const words: string[] = []
  const read = async () => {
    for await (const chunk of await openai(server, ledger).chat.completions.create(STREAMED))
      words.push(chunk.choices[0]?.delta.content ?? '')
  }
  const caught: unknown[] = []
  const asked = ledger.run({ id: 'r' }, () => read().catch((error: unknown) => caught.push(error)))
  await expect(asked).rejects.toThrow(StoreUnavailableError)
  expect(caught).toEqual([expect.any(StoreUnavailableError)])
  expect(words).toEqual(['Hi', '.', ''])
  unlock()
})

test('where the ledger allows that, a request is made although the store cannot be asked', async () => {
  const { ledger, lock, unlock } = await lockable({ onOutage: 'allow' })
  const server = await modelServer(events(chunks(['Hi', '.'], true)), json(completion('Hi.')))
  await ledger.run({ id: 'r' }, async () => {
    lock()
    expect(await wordsOf(await openai(server, ledger).chat.completions.create(STREAMED))).toEqual(['Hi', '.'])
    await openai(server, ledger).chat.completions.create(SAY_HI)
    unlock()
  })
  expect((await callsOf(ledger)).filter(({ status }) => status === 'open')).toEqual([])
  expect((await ledger.scopes.usage('run:r')).spent).toBeGreaterThan(0)
})
