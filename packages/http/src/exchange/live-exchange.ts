import { type CallContext, ConfigError, NotAppliedError, type SeenAnswer } from 'holdfast'
import type { Exchange, ExchangeRequest, SendRequest } from './exchange.ts'
import { insideExchange } from './inside-exchange.ts'
import type { RecordedExchange } from './recorded-exchange.ts'
import { type SentText, textToSend } from './sent-text.ts'
import { type Transfer, transfer } from './transfer.ts'

/** How a request is sent, and who waits for its answer. */
export interface Sending {
  readonly fetch: SendRequest
  /** The caller's own. */
  readonly signal: AbortSignal | undefined
  readonly give: (response: Response) => void
  readonly fail: (error: unknown) => void
}

const DONE = Promise.resolve()

/**
 * A request that goes over the wire. The ledger's sender waits in `enter` until the client sends it, so that it is sent
 * where the ledger knows whose it is, and ends when its answer has.
 *
 * Nothing here may hold on to the response: nobody would notice any more that its reader has dropped it.
 */
export class LiveExchange implements Exchange {
  /** What was seen of the answer. */
  seen: SeenAnswer = {}
  readonly #request: ExchangeRequest
  #sent: SentText | undefined
  #start: ((sending: Sending | undefined) => void) | undefined
  #call: CallContext | undefined
  #settled: Promise<unknown> = DONE

  constructor(request: ExchangeRequest) {
    this.#request = request
  }

  get text(): string | undefined {
    return this.#sent?.text
  }

  /** The ledger's promise of the call. */
  settledBy(settled: Promise<unknown>): void {
    this.#settled = settled
  }

  /** For the ledger: what is put aside is put aside. */
  enter(call: CallContext): Promise<RecordedExchange> {
    this.#call = call
    this.#sent = textToSend(this.#request, call)
    const started = new Promise<Sending | undefined>((resolve) => {
      this.#start = resolve
    })
    call.signal.addEventListener('abort', this.release, { once: true })
    if (call.signal.aborted) this.release()
    return this.#run(call, this.#sent, started)
  }

  async #run(call: CallContext, sent: SentText, started: Promise<Sending | undefined>): Promise<RecordedExchange> {
    const sending = await started
    if (sending === undefined) throw new NotAppliedError('The request was never sent.')
    const one = this.#transfer(call, sent)
    return insideExchange(() => transfer(one, sending))
  }

  /** Made where there is no `sending` that what lasts until the end of the answer could hold on to. */
  #transfer(call: CallContext, sent: SentText): Transfer {
    const note = (seen: SeenAnswer): void => {
      this.seen = seen
    }
    return { request: this.#request, call, sent, settled: () => this.#settled, note }
  }

  send(fetch: SendRequest, signal: AbortSignal | undefined): Promise<Response> {
    const start = this.#begin()
    if (start === undefined) return Promise.reject(this.#whyNot())
    return new Promise((give, fail) => start({ fetch, signal, give, fail }))
  }

  readonly release = (): void => this.#begin()?.(undefined)

  #begin(): ((sending: Sending | undefined) => void) | undefined {
    const start = this.#start
    this.#start = undefined
    this.#call?.signal.removeEventListener('abort', this.release)
    return start
  }

  #whyNot(): unknown {
    if (this.#call?.signal.aborted === true) return this.#call.signal.reason
    return new ConfigError(
      'A request that is paid for is sent once. Nothing was sent. Open another exchange for another attempt.',
    )
  }
}
