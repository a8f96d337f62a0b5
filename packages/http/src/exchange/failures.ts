import { type RecordedExchange, recordedBody, recordedHead } from './recorded-exchange.ts'
import type { ResponseFacts } from './response-with.ts'

/** A field of an error that is longer as JSON is not kept. */
const MAX_FIELD_LENGTH = 4_096

/** For the ledger: a provider answered that it did not do what it was asked for. It holds what the caller gets. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure'
  readonly status: number
  readonly exchange: RecordedExchange

  constructor(response: ResponseFacts, bytes: Uint8Array) {
    super(`The provider answered with status ${response.status}.`)
    this.status = response.status
    this.exchange = shortened({ ...recordedHead(response), ...recordedBody(bytes), ended: 'complete' })
  }
}

/** For the ledger: no answer came. What a resumed run must tell from a refusal, it knows by the name. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure'

  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`No answer came from the provider: ${why}`, { cause })
  }
}

/** What an earlier execution got instead of an answer; undefined for every other error. */
export function recordedFailure(
  error: unknown,
): { readonly exchange: RecordedExchange } | { readonly cause: unknown } | undefined {
  if (!(error instanceof Error)) return undefined
  const { exchange } = error as Partial<HttpFailure>
  if (error.name === 'HttpFailure' && exchange !== undefined) return { exchange: retriedAtOnce(exchange) }
  return error.name === 'NetworkFailure' ? { cause: error.cause } : undefined
}

/** The SDK retries as it did then, and need not wait again. Some take 0 for nothing said. */
function retriedAtOnce(exchange: RecordedExchange): RecordedExchange {
  const others = exchange.headers.filter(([name]) => !name.startsWith('retry-after'))
  return { ...exchange, headers: [...others, ['retry-after-ms', '1']] }
}

function shortened(exchange: RecordedExchange): RecordedExchange {
  let short = exchange
  while (JSON.stringify(short).length > MAX_FIELD_LENGTH && short.body !== '')
    short = { ...short, body: short.body.slice(0, Math.floor(short.body.length / 2)) }
  return short
}
