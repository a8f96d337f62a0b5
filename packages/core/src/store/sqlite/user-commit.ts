import { ConfigError } from '../../errors/config-error.ts'
import type { SqliteDatabase, SqliteTransaction } from './driver.ts'
import { UserCommitFailure } from './faults.ts'

/** Runs a tool's `commit` inside the open transaction; whatever goes wrong in it undoes the whole transaction. */
export function runUserCommit(database: SqliteDatabase, commit: (transaction: unknown) => unknown): void {
  let isOver = false
  const transaction: SqliteTransaction = {
    prepare(sql) {
      if (isOver) throw new ConfigError('The transaction of a commit callback was used after the callback returned.')
      return database.prepare(sql)
    },
  }
  const returned = callGuarded(commit, transaction)
  isOver = true
  if (isThenable(returned)) {
    // It is refused below; its own failure must not end the process as an unhandled rejection.
    returned.then(undefined, () => {})
    throw new ConfigError(
      'A commit callback returned a promise; its transaction was rolled back. On SQLite commit must be synchronous: ' +
        'do the waiting in execute and only write rows in commit.',
    )
  }
  if (!database.inTransaction) {
    throw new ConfigError(
      'A commit callback ended the transaction itself; it must leave BEGIN and COMMIT to the ledger.',
    )
  }
}

function callGuarded(commit: (transaction: unknown) => unknown, transaction: SqliteTransaction): unknown {
  try {
    return commit(transaction)
  } catch (error) {
    throw new UserCommitFailure(error)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
