import type { RunRef } from '../records.ts'
import type { OpenRun } from '../run-verbs.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { RUN_PREFIX } from './limit-pattern.ts'
import type { RunRow } from './run-rows.ts'
import { LEDGER_SEQ, Scopes } from './scopes.ts'

/** The scopes that a run counts on, beside its own, those above it and the ledger's. */
export class RunScopes {
  readonly #context: VerbContext
  readonly #scopes: Scopes
  readonly #kept: SqliteStatement<{ scopes: string }>
  readonly #runSeq: SqliteStatement<{ seq: number }>
  readonly #former: SqliteStatement<{ id: string; thread: string | null }>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#scopes = new Scopes(database)
    this.#kept = database.prepare('SELECT scopes FROM run WHERE seq = ?')
    this.#runSeq = database.prepare('SELECT seq FROM run WHERE id = ?')
    this.#former = database.prepare('SELECT id, thread FROM run WHERE seq = ?')
  }

  /**
   * A name that no limits are set on, not even empty ones. What the run, or the one that it is opened in, counts on
   * already is no new name: somebody may have removed its limits since.
   */
  unlimited({ scopes = [], parent }: OpenRun, row: RunRow | null): string | null {
    if (scopes.length === 0) return null
    const limits = this.#context.limits.current()
    const known = new Set(row === null ? [] : namesIn(row))
    const found = scopes.find((name) => !known.has(name) && limits.find(name) === null && this.#isNew(name, parent))
    return found ?? null
  }

  /** The numbers of those that are kept, of the thread, and of the session, each once. */
  seqsOf(row: RunRow, { sessionScopes = [], at }: OpenRun, ancestors: RunRef['ancestors']): readonly number[] {
    const thread = row.thread === null ? [] : [threadScope(row.thread)]
    const names = [...namesIn(row), ...thread, ...sessionScopes]
    const seqs = new Set(names.map((name) => this.#seqOf(name, at)))
    for (const { seq } of [row, ...ancestors]) seqs.delete(seq)
    seqs.delete(LEDGER_SEQ)
    return [...seqs]
  }

  /**
   * The scopes of the runs that it was below so far, where it is opened somewhere else now: what it does goes on counting
   * there, or a child would be the way around a limit of those above it.
   */
  above(row: RunRow, line: RunRef['ancestors']): readonly string[] {
    const former: readonly number[] = row.path === '[]' ? [] : JSON.parse(row.path)
    return former.flatMap((seq) => {
      const run = line.some((one) => one.seq === seq) ? undefined : this.#former.get(seq)
      if (run === undefined) return []
      return [RUN_PREFIX + run.id, ...(run.thread === null ? [] : [threadScope(run.thread)])]
    })
  }

  #isNew(name: string, parent: OpenRun['parent']): boolean {
    const row = parent === null ? undefined : this.#kept.get(parent.run.seq)
    return row === undefined || !namesIn(row).includes(name)
  }

  /** A run's own scope has its number. */
  #seqOf(name: string, at: number): number {
    const run = name.startsWith(RUN_PREFIX) ? this.#runSeq.get(name.slice(RUN_PREFIX.length)) : undefined
    return run?.seq ?? this.#scopes.findOrCreate(name, at)
  }
}

/** As `run.scopes` is to be: what was recorded, what this opening brings, and what stays of former ones. */
export function scopesText({ scopes = [] }: OpenRun, row: RunRow | null, former: readonly string[]): string {
  return JSON.stringify([...new Set([...(row === null ? [] : namesIn(row)), ...scopes, ...former])])
}

function threadScope(thread: string): string {
  return `thread:${thread}`
}

function namesIn({ scopes }: { readonly scopes: string }): readonly string[] {
  return scopes === '[]' ? [] : JSON.parse(scopes)
}

/** All scopes that what a run does counts on: its own, those above it from the nearest on, those it names, the ledger's. */
export function scopesOf({ seq, ancestors, scopes = [] }: RunRef): readonly number[] {
  return [seq, ...ancestors.map((one) => one.seq).toReversed(), ...scopes, LEDGER_SEQ]
}
