import type { CallContext } from 'holdfast'
import type { ExchangeRequest } from './exchange.ts'
import { askingForUsage } from './stream-usage.ts'

/** The JSON of a request as it goes over the wire. */
export interface SentText {
  /** Undefined: the caller's own. */
  readonly text: string | undefined
  /** What is sent where a host refuses to tell a stream's usage; undefined where it is not asked to. */
  readonly plain: string | undefined
}

/** With the cap that the ledger set, and asking for the usage of a stream. */
export function textToSend(request: ExchangeRequest, call: CallContext): SentText {
  const { text: own } = request
  if (own === undefined) return { text: undefined, plain: undefined }
  const isCapped = call.request !== request.body && makesText(request)
  const text = isCapped ? JSON.stringify(call.request) : own
  const asking = askingForUsage(request, text)
  if (asking !== undefined) return { text: asking, plain: text }
  return { text: isCapped ? text : undefined, plain: undefined }
}

/** A cap on tokens of text means nothing to what makes pictures and sound. */
function makesText({ endpoint }: ExchangeRequest): boolean {
  return endpoint.kind === 'metered' && endpoint.shape !== 'openai-images' && endpoint.shape !== 'openai-audio'
}
