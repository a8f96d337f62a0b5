import { isDeepStrictEqual } from 'node:util'
import type { Journal, JournalLine } from '../journal.ts'
import { invalid, type JsonAnswer, type JsonRequest } from './json-server.ts'

/** What acting came to: a deed with an id, or a refusal of the outside world (a declined card). */
export interface Outcome {
  readonly event: string
  readonly id?: string
  readonly status: number
  readonly body: unknown
}

/** One kind of deed: `check` looks at the parameters, `act` does it. */
export interface Endpoint {
  readonly path: string
  readonly check: (params: JournalLine) => string | undefined
  readonly act: (params: JournalLine) => Outcome
}

/** An answer, and whether it was given for the first time. */
export interface Handled extends JsonAnswer {
  readonly acted: boolean
}

interface Kept {
  readonly params: unknown
  readonly id: unknown
  readonly answer: JsonAnswer
}

/**
 * The idempotency of Stripe's API, version 1: the first answer to a key is kept, a refusal too; the same key with
 * other parameters is an error; a request that is malformed keeps nothing. Survives a restart: the log is the memory.
 */
export class IdempotentEndpoint {
  readonly #endpoint: Endpoint
  readonly #journal: Journal
  readonly #kept = new Map<string, Kept>()

  constructor(endpoint: Endpoint, journal: Journal) {
    this.#endpoint = endpoint
    this.#journal = journal
    for (const line of journal.lines()) this.#remember(line)
  }

  handle(request: JsonRequest): Handled {
    if (request.method !== 'POST' || request.path !== this.#endpoint.path) {
      return { ...invalid('There is nothing here.', 404), acted: false }
    }
    const params = (request.body ?? {}) as JournalLine
    const key = headerOf(request, 'idempotency-key')
    const { orderId } = params
    this.#journal.append({ event: 'request', key, orderId, client: headerOf(request, 'user-agent') })
    const malformed = this.#endpoint.check(params)
    if (malformed !== undefined) return { ...invalid(malformed), acted: false }
    const kept = key === undefined ? undefined : this.#kept.get(key)
    return kept === undefined ? this.#act(key, params) : this.#repeat(key, params, kept)
  }

  // The deed and its answer are one line, so that no crash can leave a deed whose answer is not kept.
  #act(key: string | undefined, params: JournalLine): Handled {
    const { event, id, status, body } = this.#endpoint.act(params)
    const line = { event, id, key, orderId: params.orderId, params, status, body }
    this.#journal.append(line)
    this.#remember(line)
    return { status, body, acted: true }
  }

  #repeat(key: string | undefined, params: JournalLine, kept: Kept): Handled {
    if (!isDeepStrictEqual(kept.params, params)) {
      const message = `Keys for idempotent requests can only be used with the parameters of their first use. Try another key than '${key}'.`
      return { status: 400, body: { error: { type: 'idempotency_error', message } }, acted: false }
    }
    this.#journal.append({ event: 'replayed', id: kept.id, key, orderId: params.orderId })
    return { ...kept.answer, headers: { 'idempotent-replayed': 'true' }, acted: false }
  }

  #remember(line: JournalLine): void {
    const { key, params, id, status, body } = line
    if (typeof key !== 'string' || params === undefined) return
    this.#kept.set(key, { params, id, answer: { status: status as number, body } })
  }
}

function headerOf(request: JsonRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
