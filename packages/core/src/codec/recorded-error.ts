import type { SerializedError } from '../errors/serialized-error.ts'
import { cannotOpen, isSealed } from './sealed-text.ts'

/**
 * The error in a stored body. Never throws: that something failed or was halted holds also where nobody can read why,
 * and then it says so.
 */
export function recordedError(body: string): SerializedError {
  if (isSealed(body)) return unreadable(cannotOpen(body).message)
  try {
    const error = JSON.parse(body) as Partial<SerializedError> | null
    if (typeof error === 'object' && error !== null) return { name: 'Error', message: '', fields: {}, ...error }
  } catch {
    // Falls through to what is said of any other text that is no error.
  }
  return unreadable('The recorded error is damaged: what it said cannot be read.')
}

function unreadable(message: string): SerializedError {
  return { name: 'Error', message, fields: {} }
}
