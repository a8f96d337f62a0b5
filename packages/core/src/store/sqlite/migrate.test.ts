import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../errors/config-error.ts'
import { SchemaMissingError } from '../../errors/schema-missing-error.ts'
import { SchemaTooNewError } from '../../errors/schema-too-new-error.ts'
import { HOLD_STATUSES } from '../limit-records.ts'
import { SQLITE_MIGRATIONS } from '../migrations/sqlite.ts'
import { CALL_STATUSES, EFFECT_STATUSES, ENTRY_KINDS, RUN_STATUSES } from '../records.ts'
import { connect, type SqliteDatabase } from './driver.ts'
import { migrate } from './migrate.ts'
import { ended, startChild } from './testing/child.ts'
import { openRun, openStore, temporaryFile } from './testing/fixture.ts'

function withDatabase<T>(path: string, use: (database: SqliteDatabase) => T): T {
  const database = connect(path, 1_000)
  try {
    return use(database)
  } finally {
    database.close()
  }
}

const options = { mode: 'auto', now: () => 0, warn: () => {} } as const

/** A ledger that a later version has upgraded. */
async function newerLedger(breaking: 0 | 1): Promise<string> {
  const path = temporaryFile()
  const store = openStore(path)
  await openRun(store)
  await store.close()
  withDatabase(path, (database) =>
    database.exec(`INSERT INTO migration VALUES (999, 'from the future', ${breaking}, 0)`),
  )
  return path
}

describe('migrating', () => {
  test('makes the tables, and says which step made them', () => {
    withDatabase(temporaryFile(), (database) => {
      migrate(database, options)
      expect(database.prepare('SELECT id, name, breaking FROM migration').all()).toEqual([
        { id: 1, name: 'first tables', breaking: 1 },
      ])
    })
  })

  test('by several processes at once does it once', async () => {
    const path = temporaryFile()
    writeFileSync(path, '')
    const children = await Promise.all([1, 2, 3].map(() => startChild('migrate-file.ts', path)))
    for (const child of children) child.kill('SIGUSR2')
    expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0])
    withDatabase(path, (database) => {
      expect(database.prepare('SELECT id FROM migration').all()).toHaveLength(SQLITE_MIGRATIONS.length)
    })
  })

  test('that fails in the middle leaves nothing behind', () => {
    withDatabase(temporaryFile(), (database) => {
      const broken = { id: 2, name: 'broken', breaking: false, sql: 'CREATE TABLE fine (a); CREATE TABLE run (b);' }
      const migrations = [...SQLITE_MIGRATIONS, broken]
      expect(() => migrate(database, { ...options, migrations })).toThrow(/already exists/)
      expect(database.prepare(`SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'`).all()).toEqual([])
    })
  })

  test('adds only the steps that are missing', () => {
    withDatabase(temporaryFile(), (database) => {
      migrate(database, options)
      const added = { id: 2, name: 'added', breaking: false, sql: 'CREATE TABLE added (a);' }
      migrate(database, { ...options, migrations: [...SQLITE_MIGRATIONS, added] })
      expect(database.prepare('SELECT id FROM migration').all()).toEqual([{ id: 1 }, { id: 2 }])
    })
  })

  test('refuses a database in which another program has tables of our names', () => {
    withDatabase(temporaryFile(), (database) => {
      database.exec('CREATE TABLE run (speed INTEGER); CREATE TABLE shop (id INTEGER)')
      expect(() => migrate(database, options)).toThrow(ConfigError)
      expect(() => migrate(database, options)).toThrow(/by the name run;/)
    })
  })
})

describe('a ledger may forbid it', () => {
  test('check: the error carries the SQL, which does what migrating would have done', async () => {
    const path = temporaryFile()
    const store = openStore(path, { migrate: 'check' })
    const error = await store.readRun('run-1').catch((reason: unknown) => reason)
    if (!SchemaMissingError.isInstance(error)) throw error
    withDatabase(path, (database) => database.exec(error.sql))
    expect(await store.readRun('run-1')).toBeNull()
    expect(await openRun(store)).toMatchObject({ epoch: 1 })
  })

  test('check: migrate() does it all the same', async () => {
    const store = openStore(temporaryFile(), { migrate: 'check' })
    await store.migrate()
    expect(await store.readRun('run-1')).toBeNull()
  })

  test('off: a database without tables is an error that carries the SQL', async () => {
    const store = openStore(temporaryFile(), { migrate: 'off' })
    await expect(store.readRun('run-1')).rejects.toBeInstanceOf(SchemaMissingError)
  })

  test('off: the database is trusted', async () => {
    const path = await newerLedger(1)
    expect(await openStore(path, { migrate: 'off' }).readRun('run-1')).toMatchObject({ id: 'run-1' })
  })
})

describe('a database of another program', () => {
  test.each([
    ['a table called migration', 'CREATE TABLE migration (id INTEGER, name TEXT, at INTEGER)', 'migration'],
    ['our name in another case', 'CREATE TABLE Entry (y)', 'entry'],
  ])('with %s is left as it is', (_, sql, name) => {
    withDatabase(temporaryFile(), (database) => {
      database.exec(sql)
      const tables = () => database.prepare('SELECT name FROM sqlite_schema ORDER BY name').all()
      const before = tables()
      expect(() => migrate(database, options)).toThrow(ConfigError)
      expect(() => migrate(database, options)).toThrow(name)
      expect(tables()).toEqual(before)
    })
  })

  test('off: a table called migration is no proof of ours', () => {
    withDatabase(temporaryFile(), (database) => {
      database.exec('CREATE TABLE migration (id INTEGER)')
      expect(() => migrate(database, { ...options, mode: 'off' })).toThrow(ConfigError)
    })
  })
})

describe('a database of a later version', () => {
  test('is refused if that version says so', async () => {
    const store = openStore(await newerLedger(1))
    const error = await store.readRun('run-1').catch((reason: unknown) => reason)
    expect(SchemaTooNewError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ found: 999, supported: 1 })
  })

  test('is used with a warning if not', async () => {
    const warnings: string[] = []
    const store = openStore(await newerLedger(0), { warn: (message) => void warnings.push(message) })
    expect(await store.readRun('run-1')).toMatchObject({ id: 'run-1' })
    expect(warnings).toEqual([expect.stringContaining('schema 999')])
  })
})

describe('the views', () => {
  const WORDS = [
    ['holdfast_runs', 'status', RUN_STATUSES],
    ['holdfast_effects', 'status', EFFECT_STATUSES],
    ['holdfast_calls', 'status', CALL_STATUSES],
    ['holdfast_holds', 'status', HOLD_STATUSES],
    ['holdfast_entries', 'kind', ENTRY_KINDS],
  ] as const

  test.each(WORDS)('of %s spells out each %s as the code does', (view, _column, words) => {
    withDatabase(temporaryFile(), (database) => {
      migrate(database, options)
      const sql = database.prepare<{ sql: string }>('SELECT sql FROM sqlite_schema WHERE name = ?').get(view)?.sql ?? ''
      for (const [code, word] of words.entries()) expect(sql).toContain(`WHEN ${code} THEN '${word}'`)
    })
  })

  test('show a run and its entries in words', async () => {
    const path = temporaryFile()
    const store = openStore(path)
    await openRun(store, { name: 'orders' })
    withDatabase(path, (database) => {
      expect(database.prepare('SELECT id, name, status FROM holdfast_runs').all()).toEqual([
        { id: 'run-1', name: 'orders', status: 'running' },
      ])
      expect(database.prepare('SELECT stream, number, kind FROM holdfast_entries').all()).toEqual([
        { stream: 'run-1', number: 1, kind: 'run-opened' },
      ])
      expect(database.prepare('SELECT * FROM holdfast_effects UNION ALL SELECT * FROM holdfast_effects').all()).toEqual(
        [],
      )
      expect(database.prepare('SELECT * FROM holdfast_holds').all()).toEqual([])
    })
  })
})
