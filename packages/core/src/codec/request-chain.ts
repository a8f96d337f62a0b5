import { droppedHash, wasDropped } from './dropped-value.ts'
import { cannotOpen, isSealed } from './sealed-text.ts'

/** A stored request: what it shares with the one of another call, and what it does not. */
export interface RequestDelta {
  /** The call whose request it builds on. */
  readonly base: number | null
  /** So many messages of the base's come first. */
  readonly keep: number
  readonly field: string | null
  /** The messages after them. */
  readonly tail: readonly unknown[]
  readonly rest: unknown
  /** Fields of the rest that are as in the base. */
  readonly same: readonly string[]
}

/** The delta in a stored body. Throws a SyntaxError if the body is none, `ConfigError` if it is sealed or was dropped. */
export function readDelta(body: string): RequestDelta {
  if (isSealed(body)) throw cannotOpen(body)
  if (droppedHash(body) !== undefined) throw wasDropped()
  const delta = JSON.parse(body) as Partial<RequestDelta> | null
  if (typeof delta !== 'object' || delta === null || !Array.isArray(delta.tail)) {
    throw new SyntaxError('The stored request of a call is not a difference to another')
  }
  return { base: null, keep: 0, field: null, rest: {}, same: [], ...delta, tail: delta.tail }
}

/** The chain up to a stored request. Follows its bases one by one, however many there are. */
export async function loadChain(body: string, load: (callId: number) => Promise<string>): Promise<RequestChain> {
  const deltas = [readDelta(body)]
  for (let base = deltas[0]?.base ?? null; base !== null; base = deltas.at(-1)?.base ?? null) {
    deltas.push(readDelta(await load(base)))
  }
  const chain = new RequestChain()
  for (const delta of deltas.reverse()) chain.apply(delta)
  return chain
}

/** Rebuilds requests from their differences, in the order of their calls, at the cost of what is new in each. */
export class RequestChain {
  readonly #messages: unknown[] = []
  #rest: unknown = {}
  #field: string | null = null

  apply(delta: RequestDelta): void {
    this.#messages.length = Math.min(this.#messages.length, delta.keep)
    for (const message of delta.tail) this.#messages.push(message)
    this.#rest = merge(this.#rest, delta)
    this.#field = delta.field
  }

  /** The whole request as it is after the last delta. */
  request(): unknown {
    if (this.#field === null) return this.#rest
    return { ...(this.#rest as object), [this.#field]: [...this.#messages] }
  }
}

function merge(earlier: unknown, { rest, same }: RequestDelta): unknown {
  if (same.length === 0) return rest
  const known = earlier as Record<string, unknown>
  return { ...Object.fromEntries(same.map((name) => [name, known[name]])), ...(rest as object) }
}
