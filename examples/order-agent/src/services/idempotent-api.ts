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

/** An answer, and what was done for it; a repeated answer does nothing. */
export interface Handled extends JsonAnswer {
  readonly did?: string
}

interface Kept {
  readonly asked: { readonly path: unknown; readonly params: unknown }
  readonly id: unknown
  readonly answer: JsonAnswer
}

/**
 * The idempotency of Stripe's API, version 1: the first answer to a key is kept, a refusal too; the same key for
 * something else is an error; a request that is malformed keeps nothing. Survives a restart: the log is the memory.
 */
export class IdempotentApi {
  readonly #endpoints: readonly Endpoint[]
  readonly #journal: Journal
  readonly #kept = new Map<string, Kept>()

  constructor(journal: Journal, ...endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints
    this.#journal = journal
    for (const line of journal.lines()) this.#remember(line)
  }

  handle(request: JsonRequest): Handled {
    const endpoint = this.#endpoints.find(({ path }) => request.method === 'POST' && request.path === path)
    if (endpoint === undefined) return invalid('There is nothing here.', 404)
    const params = (request.body ?? {}) as JournalLine
    const key = headerOf(request, 'idempotency-key')
    const { path } = endpoint
    const { orderId } = params
    this.#journal.append({ event: 'request', path, key, orderId, client: headerOf(request, 'user-agent') })
    const malformed = endpoint.check(params)
    if (malformed !== undefined) return invalid(malformed)
    const kept = key === undefined ? undefined : this.#kept.get(key)
    return kept === undefined ? this.#act(endpoint, key, params) : this.#repeat(key, { path, params }, kept)
  }

  // The deed and its answer are one line, so that no crash can leave a deed whose answer is not kept.
  #act({ path, act }: Endpoint, key: string | undefined, params: JournalLine): Handled {
    const { event, id, status, body } = act(params)
    const line = { event, id, path, key, orderId: params.orderId, params, status, body }
    this.#journal.append(line)
    this.#remember(line)
    return { status, body, did: event }
  }

  #repeat(key: string | undefined, asked: Kept['asked'], kept: Kept): Handled {
    if (!isDeepStrictEqual(kept.asked, asked)) {
      const message = `Keys for idempotent requests can only be used for what they were first used for. Try another key than '${key}'.`
      return { status: 400, body: { error: { type: 'idempotency_error', message } } }
    }
    const { orderId } = asked.params as JournalLine
    this.#journal.append({ event: 'replayed', id: kept.id, path: asked.path, key, orderId })
    return { ...kept.answer, headers: { 'idempotent-replayed': 'true' } }
  }

  #remember(line: JournalLine): void {
    const { path, key, params, id, status, body } = line
    if (typeof key !== 'string' || params === undefined) return
    this.#kept.set(key, { asked: { path, params }, id, answer: { status: status as number, body } })
  }
}

function headerOf(request: JsonRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
