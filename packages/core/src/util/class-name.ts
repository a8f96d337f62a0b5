/** What to call a value's class in a message; never throws. */
export function classNameOf(value: object): string {
  try {
    const { name } = value.constructor as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name : 'an unnamed class'
  } catch {
    return 'an unnamed class'
  }
}
