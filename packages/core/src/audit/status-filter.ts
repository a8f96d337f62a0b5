import { ConfigError } from '../errors/config-error.ts'

/** `{ status }` of a query, or nothing. A word that is no status is refused: nothing would ever be found by it. */
export function statusFilter<T extends string>(
  asked: T | readonly T[] | undefined,
  known: readonly T[],
): { readonly status?: readonly T[] } {
  if (asked === undefined) return {}
  const status = typeof asked === 'string' ? [asked] : asked
  const wrong = status.find((word) => !known.includes(word))
  if (wrong === undefined) return { status }
  throw new ConfigError(`'${String(wrong)}' is no status; it must be one of ${known.join(', ')}.`)
}
