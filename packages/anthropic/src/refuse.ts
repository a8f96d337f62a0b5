import { asErrorOf, denialOf } from '@holdfast/http'
import { HoldfastError } from 'holdfast'
import type { SdkErrors } from './sdk-client.ts'

const TIMEOUT = /timed? ?out/i

/** What a request failed with on its way: the SDK knows it again, also when a run that ended by it is asked for more. */
const failures = new WeakSet<object>()

export function noteFailure(error: unknown): void {
  if (error instanceof Error) failures.add(error)
}

/**
 * Throws what refuses a request, which the SDK hands on as it is. What it would take for a failure of the network, by its
 * text or by its cause, and send again, is answered with a response instead: 402, not to be retried.
 */
export function refuse(error: unknown, errors: SdkErrors): Response {
  const thrown = asSdkError(error, errors)
  if (isRetried(thrown, errors)) return denialOf(thrown)
  throw thrown
}

/** An error of ours as an error of the SDK, whose helpers then leave it as it is; any other unchanged. */
export function asSdkError(error: unknown, { AnthropicError }: SdkErrors): Error {
  if (HoldfastError.isInstance(error)) return asErrorOf(AnthropicError, error)
  return error instanceof Error ? error : new Error(String(error))
}

/** Whether the SDK sends a request again for which a middleware throws this. It goes by the texts, and the causes. */
export function isRetried(error: Error, errors: SdkErrors): boolean {
  if (TIMEOUT.test(`${error}${'cause' in error ? error.cause : ''}`)) return true
  const seen = new Set<unknown>()
  for (let at: unknown = error; at instanceof Error && !seen.has(at); at = at.cause) {
    if (isConnectionError(at, errors)) return true
    seen.add(at)
  }
  return false
}

function isConnectionError(error: Error, { APIConnectionError }: SdkErrors): boolean {
  if (failures.has(error)) return true
  if (error.name === 'AbortError' || error.message.includes('FetchRequestCanceledException')) return true
  return error.constructor.name === 'RetryableError' || error instanceof APIConnectionError
}
