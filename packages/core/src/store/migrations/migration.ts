/** One numbered step of the schema; never changed once it was released. */
export interface Migration {
  readonly id: number
  readonly name: string
  /** True when an older version of this package must not touch the database any more. */
  readonly breaking: boolean
  readonly sql: string
}
