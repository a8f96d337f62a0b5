/** Whether this is an array without a class of its own, from whichever realm. */
export function isPlainArray(value: object): value is unknown[] {
  // Array.prototype, of any realm, is an array itself; the prototype of a derived class is none.
  return Array.isArray(value) && Array.isArray(Object.getPrototypeOf(value))
}

/** The name of something that the array holds besides its elements, if there is such a thing. */
export function memberBesideElements(values: readonly unknown[]): string | undefined {
  const names = Object.keys(values)
  // The indices come first, in their order: all further names are others.
  return names.length <= values.length && isIndex(names.at(-1)) ? undefined : names.find((name) => !isIndex(name))
}

function isIndex(name: string | undefined): boolean {
  return name === undefined || /^\d+$/.test(name)
}
