/** Makes an unhandled case of a union a compile error, and an unexpected value at run time a loud one. */
export function assertNever(value: never): never {
  throw new TypeError(`Unexpected value: ${String(value)}`)
}
