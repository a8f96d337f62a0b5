import type { LimitTerms } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Connection } from './connection.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { exactKey, PATTERN_RANGE, patternOf, RUN_PREFIX, SOURCE_CODE } from './limit-pattern.ts'
import { boundsEffects } from './limits-on-effects.ts'
import { scopesOf } from './run-scopes.ts'
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
  /** Whether there is a limit that effects can come up against. */
  readonly boundsEffects: boolean
}

interface LimitRow {
  pattern: string
  source: number
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
      exact: database.prepare(`${SELECT} WHERE pattern = ${PARAMETER}`),
      patterns: database.prepare(`${SELECT} WHERE pattern >= ${PARAMETER} AND pattern < ${PARAMETER}`),
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

const SELECT = 'SELECT pattern, source, limits FROM scope_limit'

/** What `limit_version` is until limits change: those that a new run brings are no change. */
export const FIRST_VERSION = 1
/** Beyond these the one that was read first is forgotten. */
const MAX_SCOPES = 1_000

type Patterns = ReadonlyMap<string, readonly LimitTerms[]>

/**
 * The limits of one version. Those set at run time go before all that code says, for a pattern too: what a function
 * answered stands under exact names, and nobody knows all of these. Of either the exact name goes before patterns, and
 * the longest of these before the others.
 */
export class CurrentLimits {
  readonly version: number
  readonly #statements: Statements
  readonly #scopes = new Map<number, LimitedScope>()
  readonly #runs = new WeakMap<RunRef, readonly LimitedScope[]>()
  #patterns: readonly [runtime: Patterns, code: Patterns] | undefined

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

  /** All that what a run does counts on, the nearest first. */
  ofRun(run: RunRef): readonly LimitedScope[] {
    const known = this.#runs.get(run)
    if (known !== undefined) return known
    const scopes = scopesOf(run).map((seq) => this.of(seq))
    this.#runs.set(run, scopes)
    return scopes
  }

  /** Null where neither the name nor a pattern that fits it has limits, not even empty ones. */
  find(name: string): readonly LimitTerms[] | null {
    const exact = this.#statements.exact.all(exactKey(name))
    this.#patterns ??= this.#readPatterns()
    const [runtime, code] = this.#patterns
    return (
      termsFrom(exact, SOURCE_CODE.runtime) ??
      byPattern(runtime, name) ??
      termsFrom(exact, SOURCE_CODE.code) ??
      byPattern(code, name)
    )
  }

  #read(seq: number): LimitedScope {
    const name = this.#nameOf(seq)
    const terms = this.find(name) ?? []
    const isPaced = terms.some(({ mode, rates }) => mode === 'hard' && rates.length > 0)
    return { seq, name, runSeq: seq > 0 ? seq : null, terms, isPaced, boundsEffects: terms.some(boundsEffects) }
  }

  #readPatterns(): readonly [runtime: Patterns, code: Patterns] {
    const rows = this.#statements.patterns.all(...PATTERN_RANGE)
    return [patternsFrom(rows, SOURCE_CODE.runtime), patternsFrom(rows, SOURCE_CODE.code)]
  }

  #nameOf(seq: number): string {
    if (seq < 0) return this.#statements.scopeName.get(seq)?.name ?? missing(seq)
    return RUN_PREFIX + (this.#statements.runId.get(seq)?.id ?? missing(seq))
  }
}

function termsFrom(rows: readonly LimitRow[], source: number): readonly LimitTerms[] | null {
  const row = rows.find((one) => one.source === source)
  return row === undefined ? null : JSON.parse(row.limits)
}

function patternsFrom(rows: readonly LimitRow[], source: number): Patterns {
  const own = rows.filter((row) => row.source === source)
  return new Map(own.map(({ pattern, limits }) => [patternOf(pattern), JSON.parse(limits)]))
}

function byPattern(patterns: Patterns, name: string): readonly LimitTerms[] | null {
  if (patterns.size === 0) return null
  for (let length = name.length; length >= 0; length--) {
    const terms = patterns.get(`${name.slice(0, length)}*`)
    if (terms !== undefined) return terms
  }
  return null
}

function missing(scopeSeq: number): never {
  throw new RangeError(`The ledger has no scope ${scopeSeq}`)
}
