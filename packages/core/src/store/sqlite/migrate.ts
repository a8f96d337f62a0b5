import { ConfigError } from '../../errors/config-error.ts'
import { SchemaMissingError } from '../../errors/schema-missing-error.ts'
import { SchemaTooNewError } from '../../errors/schema-too-new-error.ts'
import type { Migration } from '../migrations/migration.ts'
import { SQLITE_MIGRATIONS } from '../migrations/sqlite.ts'
import type { MigrateMode } from '../store.ts'
import type { SqliteDatabase } from './driver.ts'

export interface MigrateOptions {
  readonly mode: MigrateMode
  readonly now: () => number
  readonly warn: (message: string) => void
  /** @default all that this version knows */
  readonly migrations?: readonly Migration[]
}

const CREATE_LOG = `CREATE TABLE IF NOT EXISTS migration (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  breaking INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;`

/**
 * Brings the schema up to date, or says why it may not. Several processes may do this at once: whoever gets the
 * write lock first applies everything in one transaction, and the others then find nothing left to do.
 */
export function migrate(database: SqliteDatabase, options: MigrateOptions): void {
  const migrations = options.migrations ?? SQLITE_MIGRATIONS
  if (options.mode === 'off') {
    assertHasTables(database, migrations)
    return
  }
  const missing = pending(database, migrations, options.warn)
  if (missing.length === 0) return
  if (options.mode === 'check') throw new SchemaMissingError({ sql: sqlOf(missing) })
  database.exec('BEGIN IMMEDIATE')
  try {
    apply(database, migrations, options)
    database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Without the tables no verb can work; which version they have is the caller's concern. */
function assertHasTables(database: SqliteDatabase, migrations: readonly Migration[]): void {
  if (!hasLog(database)) throw new SchemaMissingError({ sql: sqlOf(migrations) })
}

/** The SQL that a person with the rights can run instead of us. */
export function sqlOf(migrations: readonly Migration[]): string {
  const steps = migrations.map(
    ({ id, name, breaking, sql }) =>
      `INSERT INTO migration (id, name, breaking, applied_at) VALUES (${id}, '${name}', ${breaking ? 1 : 0}, unixepoch() * 1000);\n${sql}`,
  )
  return ['BEGIN IMMEDIATE;', CREATE_LOG, ...steps, 'COMMIT;'].join('\n')
}

function apply(database: SqliteDatabase, migrations: readonly Migration[], options: MigrateOptions): void {
  // Another process may have been faster: only what is seen under the write lock counts.
  const missing = pending(database, migrations, () => {})
  if (missing.length === migrations.length) refuseForeignTables(database)
  database.exec(CREATE_LOG)
  const insert = database.prepare('INSERT INTO migration (id, name, breaking, applied_at) VALUES (?, ?, ?, ?)')
  for (const { id, name, breaking, sql } of missing) {
    insert.run(id, name, breaking ? 1 : 0, Math.floor(options.now()))
    database.exec(sql)
  }
}

function pending(
  database: SqliteDatabase,
  migrations: readonly Migration[],
  warn: (message: string) => void,
): readonly Migration[] {
  if (!hasLog(database)) return migrations
  const applied = database.prepare<{ id: number; breaking: number }>('SELECT id, breaking FROM migration').all()
  const supported = Math.max(0, ...migrations.map(({ id }) => id))
  const newer = applied.filter(({ id }) => id > supported)
  const found = Math.max(0, ...applied.map(({ id }) => id))
  if (newer.some(({ breaking }) => breaking === 1)) throw new SchemaTooNewError({ found, supported })
  if (newer.length > 0) {
    warn(
      `The ledger's database has schema ${found}; this version knows ${supported}. It can go on; update holdfast here too.`,
    )
  }
  const done = new Set(applied.map(({ id }) => id))
  return migrations.filter(({ id }) => !done.has(id))
}

/** The file may be the user's own database: then none of our names may be taken in it. */
function refuseForeignTables(database: SqliteDatabase): void {
  const names = [...sqlOf(SQLITE_MIGRATIONS).matchAll(/^CREATE (?:TABLE|VIEW|INDEX)(?: IF NOT EXISTS)? (\w+)/gm)]
  const taken = names.map(([, name]) => name as string).filter((name) => hasTable(database, name))
  if (taken.length > 0) throw foreignTables(taken)
}

/** Whether our migrations are on record here. Many programs call a table `migration`: one of theirs is refused. */
function hasLog(database: SqliteDatabase): boolean {
  if (!hasTable(database, 'migration')) return false
  const ours = database.prepare("SELECT 1 FROM pragma_table_info('migration') WHERE name = 'breaking'").get()
  if (ours === undefined) throw foreignTables(['migration'])
  return true
}

function foreignTables(names: readonly string[]): ConfigError {
  return new ConfigError(
    `The database already has something of another program by the name ${names.join(', ')}; it was left as it is. ` +
      'Give the ledger a file of its own, or rename those tables.',
  )
}

/** SQLite compares names without regard to case. */
function hasTable(database: SqliteDatabase, name: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE').get(name) !== undefined
}
