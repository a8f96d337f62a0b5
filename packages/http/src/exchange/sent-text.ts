import type { CallContext } from 'holdfast'
import { withChanges } from '../request/with-changes.ts'
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
  const text = isCapped ? capped(own, request.body, call.request) : own
  const asking = askingForUsage(request, text)
  if (asking !== undefined) return { text: asking, plain: text }
  return { text: isCapped ? text : undefined, plain: undefined }
}

/** What waited to be paid for is what was asked for then. */
function capped(own: string, body: unknown, copy: unknown): string {
  const isObject = typeof body === 'object' && body !== null && typeof copy === 'object' && copy !== null
  return isObject ? withChanges(own, body, copy) : JSON.stringify(copy)
}

/** A cap on tokens of text means nothing to what makes pictures and sound. */
function makesText({ endpoint }: ExchangeRequest): boolean {
  return endpoint.kind === 'metered' && endpoint.shape !== 'openai-images' && endpoint.shape !== 'openai-audio'
}
