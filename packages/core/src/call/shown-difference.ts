import { shownValue } from '../config/shown-value.ts'
import { sha256Hex } from '../util/hash.ts'
import type { CallPlace } from './call-place.ts'
import type { CallRequest } from './call-request.ts'
import type { Difference } from './first-difference.ts'

/** What events and errors may tell of a difference: it has a piece of each of the two requests in it. */
export function shownDifference(
  { run }: Pick<CallPlace, 'run'>,
  { record: level = 'full' }: CallRequest<never>,
  { path, expected, actual }: Difference,
): Difference {
  const showing = { level, redact: run.context.redact, about: { kind: 'request', runId: run.id } } as const
  const shown = (value: unknown) => shownValue(value, showing, () => sha256Hex(JSON.stringify(value) ?? 'undefined'))
  return { path, expected: shown(expected), actual: shown(actual) }
}
