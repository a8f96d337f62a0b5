/** What every name of a run's scope begins with. */
export const RUN_PREFIX = 'run:'

const EXACT = '='
const BEGINNING = '*'

/**
 * How names and patterns stand in `scope_limit`: `=user:ann` and `*user:`. The first character keeps the id of a run that
 * happens to end in `*` from becoming a pattern for others, and all patterns together, apart from the many names.
 */
export function exactKey(name: string): string {
  return EXACT + name
}

/** Of a pattern as it is written: a name, or the beginning of names and `*`. */
export function patternKey(pattern: string): string {
  return pattern.endsWith('*') ? BEGINNING + pattern.slice(0, -1) : exactKey(pattern)
}

/** The pattern as it is written. */
export function patternOf(key: string): string {
  return key.startsWith(BEGINNING) ? `${key.slice(1)}*` : key.slice(1)
}

/** The keys of all patterns lie between these two. */
export const PATTERN_RANGE: readonly [from: string, to: string] = ['*', '+']

/** Who said it, as it is stored. */
export const SOURCE_CODE: Readonly<Record<'code' | 'runtime', number>> = { code: 0, runtime: 1 }
