import Database from 'better-sqlite3'
import type { EffectView, Verification } from 'holdfast'
import { withLedger } from './crash-case.ts'

/** One line of the ledger's log that tells of an effect or a run. */
export interface LoggedEntry {
  readonly stream: string
  readonly number: number
  readonly kind: string
  readonly effect: number | null
  readonly detail: Readonly<Record<string, unknown>>
}

export interface LoggedCall {
  readonly runId: string
  readonly status: string
  readonly response: string | null
}

export interface LoggedRun {
  readonly id: string
  readonly status: string
  readonly parentId: string | null
}

/** What a ledger's file says, read after the fact. */
export interface LedgerFile {
  readonly effects: readonly EffectView[]
  readonly entries: readonly LoggedEntry[]
  readonly calls: readonly LoggedCall[]
  readonly runs: readonly LoggedRun[]
  readonly verification: Verification
}

export async function readLedgerFile(ledgerPath: string): Promise<LedgerFile> {
  const rows = readRows(ledgerPath)
  return withLedger(ledgerPath, async (ledger) => ({
    ...rows,
    effects: await ledger.effects.list({ limit: 1_000 }),
    verification: await ledger.verify(),
  }))
}

function readRows(ledgerPath: string): Pick<LedgerFile, 'entries' | 'calls' | 'runs'> {
  const database = new Database(ledgerPath, { readonly: true })
  try {
    const entries = database.prepare(
      'SELECT stream, number, kind, effect, body FROM holdfast_entries ORDER BY stream, number',
    )
    return {
      entries: (entries.all() as (LoggedEntry & { body: string | null })[]).map(({ body, ...entry }) => ({
        ...entry,
        detail: body === null ? {} : JSON.parse(body),
      })),
      calls: database.prepare('SELECT run_id AS runId, status, response FROM holdfast_calls').all() as LoggedCall[],
      runs: database.prepare('SELECT id, status, parent_id AS parentId FROM holdfast_runs').all() as LoggedRun[],
    }
  } finally {
    database.close()
  }
}
