type Class = new (...parameters: never[]) => object

/**
 * What `require` answers for a package that stands in an SDK's place: the client's class, to be made with `new` or without
 * it, to be extended, and to be asked for everything that the package exports, as the SDK's own is.
 */
export function requirable<Client extends Class, Exports extends object>(
  client: Client,
  exported: Exports,
): Client & Exports {
  function required(...parameters: never[]): object {
    return Reflect.construct(client, parameters, new.target ?? client)
  }
  // What is inherited asks about the class that it is called on.
  function hasInstance(this: unknown, value: unknown): boolean {
    return this === required ? value instanceof client : Function.prototype[Symbol.hasInstance].call(this, value)
  }
  const names = Object.keys(exported) as (keyof Exports)[]
  const getters = names.map((name) => [name, { enumerable: true, get: () => exported[name] }])
  Object.setPrototypeOf(required, client)
  Object.defineProperties(required, {
    // Compiled imports look at it.
    __esModule: { value: true },
    prototype: { value: client.prototype },
    [Symbol.hasInstance]: { value: hasInstance },
    ...Object.fromEntries(getters),
  })
  return required as unknown as Client & Exports
}
