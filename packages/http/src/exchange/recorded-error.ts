import { HoldfastError, OutputCutOffError } from 'holdfast'

/** How a body broke off, as plain JSON. */
export interface RecordedError {
  readonly name: string
  readonly message: string
  readonly code?: string
  /** What the error of ours said of itself. */
  readonly fields?: Readonly<Record<string, unknown>>
  readonly cause?: RecordedError
}

const MAX_DEPTH = 3

/** Never throws, whatever broke it off. */
export function recordedError(error: unknown, depth = 0): RecordedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, cause } = error
  const { code } = error as { readonly code?: unknown }
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(HoldfastError.isInstance(error) ? { fields: error.toJSON() } : {}),
    ...(cause === undefined || depth >= MAX_DEPTH ? {} : { cause: recordedError(cause, depth + 1) }),
  }
}

/** An error of the same kind. */
export function errorOf(recorded: RecordedError): Error {
  const { name, message, code, fields, cause } = recorded
  const options = cause === undefined ? undefined : { cause: errorOf(cause) }
  if (fields !== undefined && code === OutputCutOffError.code) return cutOffAgain(fields)
  if (name === 'TypeError') return new TypeError(message, options)
  // What its readers look at is the name.
  if (name === 'AbortError' || name === 'TimeoutError') return new DOMException(message, name) as Error
  const error = new Error(message, options)
  if (name !== 'Error') Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  return code === undefined ? error : Object.assign(error, { code })
}

function cutOffAgain({ model, outputTokens }: Readonly<Record<string, unknown>>): Error {
  return new OutputCutOffError({ model: String(model), outputTokens: Number(outputTokens) })
}
