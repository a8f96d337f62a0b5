import { sha256, sha256Hex } from '../util/hash.ts'
import { isUnchanged, type Snapshot, takeSnapshot } from '../util/snapshot.ts'
import { stableText } from '../util/stable-text.ts'
import { MASK_VERSION, maskVolatile } from '../util/volatile-text.ts'
import { requestFacts } from './request-facts.ts'

/** What a request is known by on resume. */
export interface RequestHash {
  /** Over the conversation as it is. */
  exact: Buffer
  /** Over the conversation without what differs each time: dates, times, UUIDs. */
  masked: Buffer
  /** Over model, tools and parameters, as hexadecimal digits. */
  rest: string
}

/** What a request is for, beside what its body says. */
export interface Asked {
  readonly asks: string
  /** Some providers have it in the address. */
  readonly model: string
}

interface PartHash {
  exact: string
  masked: string
}

interface CachedHash extends PartHash {
  snapshot: Snapshot
}

/**
 * Hashes requests message by message and remembers the messages, so that a turn of a long conversation
 * costs what is new in it. A message that was changed since, however deep, is hashed again.
 */
export class RequestHasher {
  readonly #known = new WeakMap<object, CachedHash>()

  hash(request: unknown, asked?: Asked): RequestHash {
    const { conversation, rest } = requestFacts(request)
    const parts = conversation.map((message) => this.#part(message))
    const asks = asked === undefined ? '' : `${JSON.stringify(asked.asks)}:`
    return {
      exact: sha256(`exact:${asks}${parts.map((part) => part.exact).join()}`),
      masked: sha256(`masked-${MASK_VERSION}:${asks}${parts.map((part) => part.masked).join()}`),
      rest: this.#restHash(asked === undefined ? rest : { ...rest, model: asked.model }),
    }
  }

  #restHash(rest: Record<string, unknown>): string {
    const present = Object.keys(rest).filter((name) => rest[name] !== undefined)
    const members = present.sort().map((name) => `${JSON.stringify(name)}:${this.#part(rest[name]).exact}`)
    return sha256Hex(members.join())
  }

  #part(value: unknown): PartHash {
    if (typeof value !== 'object' || value === null) return hashPart(value)
    const known = this.#known.get(value)
    if (known && stillHolds(known.snapshot, value)) return known
    const fresh = hashPart(value)
    const snapshot = snapshotOf(value)
    if (snapshot) this.#known.set(value, { ...fresh, snapshot })
    return fresh
  }
}

function hashPart(value: unknown): PartHash {
  const text = stableText(value)
  const masked = maskVolatile(text)
  const exact = sha256Hex(text)
  return { exact, masked: masked === text ? exact : sha256Hex(masked) }
}

/** A getter or proxy that throws makes a value that is hashed anew each time. */
function snapshotOf(value: object): Snapshot | undefined {
  try {
    return takeSnapshot(value)
  } catch {
    return undefined
  }
}

function stillHolds(snapshot: Snapshot, value: object): boolean {
  try {
    return isUnchanged(snapshot, value)
  } catch {
    return false
  }
}
