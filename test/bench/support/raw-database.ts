import Database from 'better-sqlite3'
import { SYNCHRONOUS } from './pragmas.ts'

/** A connection with the settings that ours has, and nothing of ours on it. */
export function openRaw(path: string, durability: 'fast' | 'full'): Database.Database {
  // The ledger's own busy timeout: it only counts while somebody else writes.
  const database = new Database(path, { timeout: 20 })
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF; PRAGMA synchronous = ${SYNCHRONOUS[durability]};`,
  )
  return database
}
