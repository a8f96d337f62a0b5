/**
 * State that every copy of this package in the process shares (bundlers, hot reload, duplicated installs).
 *
 * What is kept must stay readable for the other copies, which may be of another version: change its shape, change the `v1`.
 */
export function sharedState<T>(name: string, make: () => T): T {
  const key = Symbol.for(`holdfast.${name}.v1`)
  const state = globalThis as { [key]?: T }
  if (!Object.hasOwn(state, key)) state[key] = make()
  return state[key] as T
}
