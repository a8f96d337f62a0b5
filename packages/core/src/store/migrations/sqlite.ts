import { firstTables } from './0001-first-tables.ts'
import type { Migration } from './migration.ts'

/** All steps of the SQLite schema, in order, without gaps. */
export const SQLITE_MIGRATIONS: readonly Migration[] = [firstTables]
