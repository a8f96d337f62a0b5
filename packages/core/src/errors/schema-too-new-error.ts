import { HoldfastError } from './holdfast-error.ts'

/** The database was upgraded by a newer version than this one can write safely. */
export class SchemaTooNewError extends HoldfastError {
  static override readonly code = 'schema-too-new'
  declare readonly code: 'schema-too-new'
  /** The schema of the database. */
  readonly found: number
  /** The newest schema that this version knows. */
  readonly supported: number

  constructor(facts: { found: number; supported: number }) {
    const message = `The ledger's database has schema ${facts.found}; this version knows ${facts.supported} at most. Nothing was read or written. Update holdfast here too.`
    super(message, { status: 503 })
    this.found = facts.found
    this.supported = facts.supported
  }
}
