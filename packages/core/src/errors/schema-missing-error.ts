import { HoldfastError, hide } from './holdfast-error.ts'

/** The database lacks tables or routines, and they may not or must not be made here. */
export class SchemaMissingError extends HoldfastError {
  static override readonly code = 'schema-missing'
  declare readonly code: 'schema-missing'
  /** What somebody with the rights has to run. */
  declare readonly sql: string

  constructor(facts: { sql: string; cause?: unknown }) {
    const message =
      "The ledger's database is not set up for this version, and was left as it is. " +
      'Run the SQL in the sql field of this error with the rights to create tables, or call ledger.migrate().'
    super(message, { status: 503, ...('cause' in facts ? { cause: facts.cause } : {}) })
    hide(this, 'sql', facts.sql)
  }
}
