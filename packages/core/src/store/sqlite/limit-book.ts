import type { LimitTerms } from '../limit-records.ts'
import type { Connection } from './connection.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { exactKey, PATTERN_RANGE, patternOf, RUN_PREFIX } from './limit-pattern.ts'
import { PARAMETER } from './sql.ts'

/** A scope and the limits that are in force on it, all of which hold. */
export interface LimitedScope {
  readonly seq: number
  readonly name: string
  /** Sequence number of the run whose scope it is; null: it is shared. */
  readonly runSeq: number | null
  readonly terms: readonly LimitTerms[]
  /** Whether there is a rate to keep to. */
  readonly isPaced: boolean
}

interface LimitRow {
  pattern: string
  limits: string
}

interface Statements {
  readonly version: SqliteStatement<{ version: number }>
  readonly exact: SqliteStatement<LimitRow>
  readonly patterns: SqliteStatement<LimitRow>
  readonly runId: SqliteStatement<{ id: string }>
  readonly scopeName: SqliteStatement<{ name: string }>
}

/**
 * The limits in force. What was read of them is remembered for as long as the number in `limit_version` stays what it
 * is; what is remembered goes with every transaction that was lost, because it may have been read in that one.
 */
export class LimitBook {
  readonly #connection: Connection
  readonly #statements: Statements
  #current: CurrentLimits | undefined
  #losses = 0

  constructor(database: SqliteDatabase, connection: Connection) {
    this.#connection = connection
    this.#statements = {
      version: database.prepare('SELECT version FROM limit_version WHERE id = 1'),
      // Of a pattern that has limits from both, those set at run time count.
      exact: database.prepare(`${SELECT} WHERE pattern = ${PARAMETER} ORDER BY source DESC LIMIT 1`),
      patterns: database.prepare(`${SELECT} WHERE pattern >= ${PARAMETER} AND pattern < ${PARAMETER} ORDER BY source`),
      runId: database.prepare('SELECT id FROM run WHERE seq = ?'),
      scopeName: database.prepare('SELECT name FROM scope WHERE seq = ?'),
    }
  }

  /** One row is read. What it answers with holds for the rest of the verb, and no longer. */
  current(): CurrentLimits {
    const version = this.#statements.version.get()?.version ?? 0
    const { losses } = this.#connection
    if (this.#current?.version === version && losses === this.#losses) return this.#current
    this.#losses = losses
    this.#current = new CurrentLimits(this.#statements, version)
    return this.#current
  }
}

const SELECT = 'SELECT pattern, limits FROM scope_limit'

/** Beyond these the one that was read first is forgotten. */
const MAX_SCOPES = 1_000

/** The limits of one version: the exact name of a scope goes before patterns, and the longest of these before the others. */
export class CurrentLimits {
  readonly version: number
  readonly #statements: Statements
  readonly #scopes = new Map<number, LimitedScope>()
  #patterns: ReadonlyMap<string, readonly LimitTerms[]> | undefined

  constructor(statements: Statements, version: number) {
    this.#statements = statements
    this.version = version
  }

  /** The same object each time, for as long as nothing could have changed. */
  of(scopeSeq: number): LimitedScope {
    const known = this.#scopes.get(scopeSeq)
    if (known !== undefined) return known
    const [oldest] = this.#scopes.keys()
    if (this.#scopes.size >= MAX_SCOPES && oldest !== undefined) this.#scopes.delete(oldest)
    const scope = this.#read(scopeSeq)
    this.#scopes.set(scopeSeq, scope)
    return scope
  }

  /** Null where neither the name nor a pattern that fits it has limits, not even empty ones. */
  find(name: string): readonly LimitTerms[] | null {
    const exact = this.#statements.exact.get(exactKey(name))
    return exact === undefined ? this.#byPattern(name) : JSON.parse(exact.limits)
  }

  #read(seq: number): LimitedScope {
    const name = this.#nameOf(seq)
    const terms = this.find(name) ?? []
    const isPaced = terms.some(({ mode, rates }) => mode === 'hard' && rates.length > 0)
    return { seq, name, runSeq: seq > 0 ? seq : null, terms, isPaced }
  }

  #byPattern(name: string): readonly LimitTerms[] | null {
    this.#patterns ??= this.#readPatterns()
    if (this.#patterns.size === 0) return null
    for (let length = name.length; length >= 0; length--) {
      const terms = this.#patterns.get(`${name.slice(0, length)}*`)
      if (terms !== undefined) return terms
    }
    return null
  }

  #readPatterns(): ReadonlyMap<string, readonly LimitTerms[]> {
    const rows = this.#statements.patterns.all(...PATTERN_RANGE)
    return new Map(rows.map(({ pattern, limits }) => [patternOf(pattern), JSON.parse(limits)]))
  }

  #nameOf(seq: number): string {
    if (seq < 0) return this.#statements.scopeName.get(seq)?.name ?? missing(seq)
    return RUN_PREFIX + (this.#statements.runId.get(seq)?.id ?? missing(seq))
  }
}

function missing(scopeSeq: number): never {
  throw new RangeError(`The ledger has no scope ${scopeSeq}`)
}
