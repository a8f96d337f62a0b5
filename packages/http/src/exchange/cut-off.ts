import { type CallContext, OutputCutOffError } from 'holdfast'
import { errorFor } from './error-for.ts'
import type { ExchangeRequest } from './exchange.ts'
import { modelOf } from './model-of.ts'

/** What the reader of a stream gets that went on beyond what was held for it. */
export function cutOffError(request: ExchangeRequest, { heldOutputTokens = 0 }: CallContext): Error {
  const error = new OutputCutOffError({ model: modelOf(request), outputTokens: heldOutputTokens })
  return errorFor(request, error)
}
