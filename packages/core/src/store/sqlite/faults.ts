import type { StoreOutage } from '../../errors/store-unavailable-error.ts'

/** SQLite's result codes, by what they mean for a caller. Extended codes begin with these. */
const OUTAGES: readonly (readonly [code: string, outage: StoreOutage])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_IOERR', 'io'],
  ['SQLITE_NOTADB', 'not-a-database'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_CANTOPEN', 'cannot-open'],
]

/** The file system's own codes, from making the folder of the file. */
const FILE_OUTAGES: Readonly<Record<string, StoreOutage>> = {
  EACCES: 'cannot-open',
  EPERM: 'cannot-open',
  ENOTDIR: 'cannot-open',
  EEXIST: 'cannot-open',
  ENOENT: 'cannot-open',
  EROFS: 'read-only',
  ENOSPC: 'full',
}

/** What a thrown error says about the store, or undefined if it is about the verb itself. */
export function outageOf(error: unknown): StoreOutage | undefined {
  const code = codeOf(error)
  if (code === undefined) return undefined
  return OUTAGES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? FILE_OUTAGES[code]
}

/** A user's code threw inside a transaction: its error is its own, whatever it looks like. */
export class UserCommitFailure extends Error {
  constructor(cause: unknown) {
    super('a commit callback threw', { cause })
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}
