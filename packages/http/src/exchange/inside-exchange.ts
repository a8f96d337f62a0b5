import { AsyncLocalStorage } from 'node:async_hooks'

const KEY = Symbol.for('holdfast.inside-exchange.v1')

/** On `globalThis`: a client of one copy of this package may be given the guarded fetch of another. */
function shared(): AsyncLocalStorage<true> {
  const state = globalThis as { [KEY]?: AsyncLocalStorage<true> }
  state[KEY] ??= new AsyncLocalStorage<true>()
  return state[KEY]
}

/** Sends a request that is paid for: every guarded fetch that it goes through passes it on. */
export function insideExchange<T>(send: () => T): T {
  return shared().run(true, send)
}

/** Whether what is fetched now is paid for already. */
export function isInsideExchange(): boolean {
  return shared().getStore() === true
}
