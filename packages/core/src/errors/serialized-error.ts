/** An error as it is stored: enough to throw it again, in another process. */
export interface SerializedError {
  name: string
  message: string
  code?: string | number
  status?: number
  stack?: string
  /** Own properties that JSON can hold. */
  fields: Record<string, unknown>
  cause?: SerializedError
  /** Those of an AggregateError. */
  errors?: SerializedError[]
  /** The code of one of our own errors. */
  holdfast?: string
  /** What `toJSON` of one of our own errors shows to clients. */
  public?: Record<string, unknown>
}
