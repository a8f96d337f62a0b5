import { droppedHash } from '../codec/dropped-value.ts'
import { loadChain, RequestChain, readDelta } from '../codec/request-chain.ts'
import { hashOnly } from '../config/shown-value.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { ReadStore } from '../store/read-verbs.ts'
import type { Body, CallRecord } from '../store/records.ts'
import { UNREADABLE } from './read-body.ts'

interface LaneChain {
  /** The call up to which the chain is built. */
  readonly id: number
  readonly chain: RequestChain
}

/** Rebuilds the requests of calls. Read in ascending order, each costs only what is new in it. */
export class RequestReader {
  readonly #store: Pick<ReadStore, 'readCall'>
  readonly #lanes = new Map<string, LaneChain>()

  constructor(store: Pick<ReadStore, 'readCall'>) {
    this.#store = store
  }

  /** The whole request; a text that says so if it cannot be rebuilt, its hash if it was dropped. */
  async read(call: CallRecord): Promise<unknown> {
    const dropped = droppedHash(call.request)
    if (dropped !== undefined) return hashOnly(dropped)
    try {
      const chain = await this.#chainOf(call)
      this.#lanes.set(`${call.runSeq} ${call.lane}`, { id: call.id, chain })
      return chain.request()
    } catch (error) {
      // The store's own troubles are not the record's.
      if (!(error instanceof SyntaxError || ConfigError.isInstance(error))) throw error
      return UNREADABLE
    }
  }

  async #chainOf(call: CallRecord): Promise<RequestChain> {
    const delta = readDelta(call.request)
    const last = this.#lanes.get(`${call.runSeq} ${call.lane}`)
    const follows = delta.base === null || delta.base === last?.id
    if (!follows) return loadChain(call.request, (id) => this.#load(id))
    const chain = last?.chain ?? new RequestChain()
    chain.apply(delta)
    return chain
  }

  async #load(id: number): Promise<Body> {
    const call = await this.#store.readCall(id)
    if (call === null) throw new SyntaxError(`The request builds on call ${id}, which is not there`)
    return call.request
  }
}
