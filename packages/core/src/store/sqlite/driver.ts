import { createRequire } from 'node:module'
import { ConfigError } from '../../errors/config-error.ts'

/** What SQLite takes and gives. */
export type SqliteValue = string | number | bigint | Buffer | null

/** A prepared statement, as far as we use the driver's. */
export interface SqliteStatement<Row = unknown> {
  run(...values: SqliteValue[]): { readonly changes: number; readonly lastInsertRowid: number | bigint }
  get(...values: SqliteValue[]): Row | undefined
  all(...values: SqliteValue[]): Row[]
}

/** A connection, as far as we use the driver's. */
export interface SqliteDatabase {
  readonly open: boolean
  readonly inTransaction: boolean
  prepare<Row = unknown>(sql: string): SqliteStatement<Row>
  exec(sql: string): unknown
  pragma(sql: string, options: { simple: true }): unknown
  close(): unknown
}

/** What a tool's `commit` gets on SQLite: statements inside the effect's own transaction. */
export interface SqliteTransaction {
  prepare<Row = unknown>(sql: string): SqliteStatement<Row>
}

type Driver = new (path: string, options: { timeout: number }) => SqliteDatabase

/** Opens a connection with the better-sqlite3 of whoever installed us; loaded only here, at the first use. */
export function connect(path: string, busyTimeoutMs: number): SqliteDatabase {
  return new (loadDriver())(path, { timeout: busyTimeoutMs })
}

function loadDriver(): Driver {
  try {
    return createRequire(import.meta.url)('better-sqlite3') as Driver
  } catch (cause) {
    throw new ConfigError(
      'The SQLite store needs the package better-sqlite3, which could not be loaded; nothing was recorded. ' +
        'Run `npm install better-sqlite3`, or choose another store.',
      { cause },
    )
  }
}
