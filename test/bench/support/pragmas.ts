import assert from 'node:assert/strict'

/** A connection, as far as its settings are read. */
interface Connection {
  pragma(sql: string, options: { simple: true }): unknown
}

const NAMES = [
  'journal_mode',
  'synchronous',
  'wal_autocheckpoint',
  'page_size',
  'cache_size',
  'mmap_size',
  'foreign_keys',
  'locking_mode',
] as const

/** `PRAGMA synchronous` of each durability. */
export const SYNCHRONOUS = { fast: 1, full: 2 } as const

/** Throws unless all connections have the same settings now, with a write-ahead log synced as expected. */
export function assertSamePragmas(synchronous: number, first: Connection, ...others: readonly Connection[]): void {
  const expected = settingsOf(first)
  assert.equal(expected.journal_mode, 'wal')
  assert.equal(expected.synchronous, synchronous)
  assert.equal(expected.wal_autocheckpoint, 1_000)
  for (const other of others) assert.deepEqual(settingsOf(other), expected)
}

function settingsOf(connection: Connection): Record<string, unknown> {
  return Object.fromEntries(NAMES.map((name) => [name, connection.pragma(name, { simple: true })]))
}
