import type { Body } from '../records.ts'
import { RECORD_LEVEL_CODE } from './codes.ts'
import { entryBody } from './entries.ts'

/** The body of an entry about an effect. What the effect is to forget in the end, no entry keeps. */
export function effectEntryBody(
  effect: { readonly record_level: number },
  facts: Readonly<Record<string, unknown>>,
  name: string,
  body: Body | null,
): Body {
  return effect.record_level === RECORD_LEVEL_CODE.hash ? entryBody(facts) : entryBody(facts, name, body)
}
