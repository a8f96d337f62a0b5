import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'

/** A process that takes the write lock of a file, says so, and holds it for a while. */
async function hold(path: string, holdMs: number): Promise<void> {
  const database = new Database(path)
  database.exec('BEGIN IMMEDIATE')
  process.send?.('locked')
  await setTimeout(holdMs)
  database.exec('COMMIT')
  database.close()
}

const [path = '', holdMs = '0'] = process.argv.slice(2)
await hold(path, Number(holdMs))
