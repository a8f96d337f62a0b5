import type { LedgerContext } from '../config/ledger-context.ts'
import { UnmeteredRequestError } from '../errors/unmetered-request-error.ts'
import { enclosing } from './enclosing.ts'

/** A request that is about to be sent. */
export interface UnmeteredRequest {
  readonly method: string
  readonly url: string
}

/** See `Ledger.unmetered`. */
export function passUnmetered(context: LedgerContext, { method, url }: UnmeteredRequest): void {
  const request = { method, url: addressIn(url) }
  if (context.unmetered === 'refuse') throw new UnmeteredRequestError(request)
  const runId = enclosing(context, undefined)?.core.id ?? null
  context.events.emit('request-unmetered', { runId, ...request })
}

/** Queries and credentials have keys in them. */
function addressIn(url: string): string {
  const [address = ''] = url.split(/[?#]/, 1)
  return address.replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/\\]*@/i, '$1//')
}
