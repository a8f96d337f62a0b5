import { HoldfastError } from './holdfast-error.ts'

/** A request to a provider that nobody knows the cost of, through a ledger that refuses those: it was not sent. */
export class UnmeteredRequestError extends HoldfastError {
  static override readonly code = 'unmetered-request'
  declare readonly code: 'unmetered-request'
  readonly method: string
  /** Without its query and credentials. */
  readonly url: string

  constructor({ method, url }: { method: string; url: string }) {
    const message =
      `What ${method} ${url} costs is not known, so that nothing would count it, and this ledger refuses such requests. ` +
      `It was not sent. Make it with a client that is not guarded, or let them pass with an event: createLedger({ unmetered: 'pass' }).`
    super(message, { status: 402 })
    this.method = method
    this.url = url
  }
}
