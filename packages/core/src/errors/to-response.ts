import { HoldfastError } from './holdfast-error.ts'
import { RateLimitedError } from './rate-limited-error.ts'

const SECOND = 1_000

/**
 * What an HTTP handler may answer for an error, also where a framework has wrapped it: 402 for a spent limit, 429 with
 * `Retry-After` for a rate, 409 for a conflict, 202 for an approval that is waited for; 500, without its words, for
 * what is not of this package.
 */
export function toResponse(error: unknown): Response {
  const ours = HoldfastError.find(error)
  const status = ours?.status ?? 500
  const shown = ours?.toJSON() ?? { name: 'Error', message: 'Internal error' }
  return Response.json({ error: shown }, { status, headers: retryAfter(ours) })
}

/** In whole seconds, rounded up: whoever asks a moment too early is refused again. */
function retryAfter(error: HoldfastError | undefined): Record<string, string> {
  if (!RateLimitedError.isInstance(error) || error.retryAfterMs === null) return {}
  return { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterMs / SECOND))) }
}
