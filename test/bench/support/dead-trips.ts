import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ClaimingStore } from './claiming-store.ts'
import { fillLedger } from './fill-ledger.ts'
import { OurLedger } from './our-ledger.ts'
import { timed } from './rounds.ts'
import { bookTool } from './trip.ts'

const EFFECTS_PER_RUN = 5

/** Makes a ledger in which a process that is gone left runs in the middle, after others that have finished. */
export async function leaveDeadTrips(path: string, trips: number, finished = 0): Promise<void> {
  const empty = new ClaimingStore(path)
  await empty.migrate()
  await empty[Symbol.asyncDispose]()
  if (finished > 0) fillLedger(path, finished * EFFECTS_PER_RUN, EFFECTS_PER_RUN)
  const child = fork(join(import.meta.dirname, 'dying-process.ts'), [path, String(trips)], { execArgv: [] })
  const [, signal] = await once(child, 'exit')
  assert.equal(signal, 'SIGKILL')
  // One file, which can be copied: the log of whoever died is taken into it.
  const database = new Database(path)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
}

/** Recovers a copy of such a ledger: milliseconds for all of it. */
export async function recoverTrips(path: string, copy: string, trips: number): Promise<number> {
  copyFileSync(path, copy)
  await using our = new OurLedger(copy, 'fast', [bookTool()])
  await our.connection()
  let recovery: Awaited<ReturnType<typeof our.ledger.recover>> | undefined
  const milliseconds = await timed(1_000, async () => {
    recovery = await our.ledger.recover({ limit: Number.POSITIVE_INFINITY })
  })
  assert.ok(recovery?.complete)
  const { expired, resolved, resumable, compensated, blocked } = recovery
  const half = trips / 2
  assert.deepEqual([expired, resolved, resumable.length], [half, half, half])
  assert.equal(compensated.filter(({ status }) => status === 'compensated').length, half)
  assert.deepEqual(blocked, [])
  return milliseconds
}
