import { brand, HoldfastError, hide } from './holdfast-error.ts'
import type { SerializedError } from './serialized-error.ts'

const BUILT_IN = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as const
const READ_ONLY = new Set(['name', 'message', 'stack', 'cause', 'errors', '__proto__', 'toJSON'])

/**
 * The error that was stored, to be thrown again: same name, message, code, fields and cause.
 *
 * Built-in errors are instances of their class; ours answer to `isInstance`; others are `Error`s of their name.
 */
export function reviveError(serialized: SerializedError): Error {
  const error = create(serialized)
  if (error.name !== serialized.name) hide(error, 'name', serialized.name)
  if (serialized.stack !== undefined) hide(error, 'stack', serialized.stack)
  if (serialized.cause) hide(error, 'cause', reviveError(serialized.cause))
  for (const [name, value] of Object.entries(serialized.fields ?? {})) {
    if (!READ_ONLY.has(name)) Object.assign(error, { [name]: value })
  }
  if (serialized.code !== undefined) Object.assign(error, { code: serialized.code })
  if (serialized.status !== undefined) Object.assign(error, { status: serialized.status })
  return error
}

function create(serialized: SerializedError): Error {
  const { name, message, errors, holdfast } = serialized
  if (holdfast !== undefined) return new RevivedError(serialized, holdfast)
  if (errors) return new AggregateError(errors.map(reviveError), message)
  if (Object.hasOwn(BUILT_IN, name)) return new BUILT_IN[name as keyof typeof BUILT_IN](message)
  return new Error(message)
}

/** One of our own errors, come back from the store: it has the fields of its class, though not its prototype. */
class RevivedError extends HoldfastError {
  readonly #public: Record<string, unknown> | undefined

  constructor(serialized: SerializedError, code: string) {
    super(serialized.message)
    this.#public = serialized.public
    brand(this, code)
  }

  override toJSON(): Record<string, unknown> {
    return this.#public ?? super.toJSON()
  }
}
