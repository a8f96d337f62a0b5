/**
 * Whether this is an object literal, or as good as one: an object without a class, from whichever realm.
 */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  // Another realm's Object.prototype (a vm context, a test runner): only such an end of a chain has its own hasOwnProperty.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty')
}
