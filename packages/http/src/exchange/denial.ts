import { HoldfastError } from 'holdfast'

const PAYMENT_REQUIRED = 402

const denials = new WeakMap<Headers, Error>()

/** Anything that has the headers of a response: itself, them, or the error that an SDK made of it. */
export type HasHeaders = Headers | { readonly headers?: unknown }

/** An answer that no SDK asks for again: 402, in the words of OpenAI and of Anthropic. */
export function denialOf(error: Error): Response {
  const ours = HoldfastError.isInstance(error) ? error : undefined
  const code = ours?.code ?? 'aborted'
  const shown = ours?.toJSON() ?? { message: error.message }
  const response = Response.json(
    { type: 'error', error: { ...shown, type: code, param: null, code } },
    { status: PAYMENT_REQUIRED, headers: { 'x-should-retry': 'false', 'x-holdfast-error': code } },
  )
  denials.set(response.headers, error)
  return response
}

/**
 * What refused the request that got this answer: an error of ours, or what its run was aborted with. Undefined for an answer
 * that came from a provider. SDKs keep the headers of a response in the errors that they make of it, so that those tell too.
 * @example
 * const denied = deniedBy(await fetch(url, init))
 * if (BudgetExceededError.isInstance(denied)) …
 */
export function deniedBy(response: HasHeaders): Error | undefined {
  const headers = response instanceof Headers ? response : response.headers
  return headers instanceof Headers ? denials.get(headers) : undefined
}
