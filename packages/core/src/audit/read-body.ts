import { decodeValue } from '../codec/value-codec.ts'
import type { Body } from '../store/records.ts'

/** What stands for a value that cannot be read: damaged, or written by a codec that this process does not have. */
export const UNREADABLE = '[unreadable]'

/** The value in a stored body; undefined if none is stored. Never throws: one damaged value must not hide the others. */
export function readBody(body: Body | null): unknown {
  if (body === null) return undefined
  try {
    return decodeValue(body)
  } catch {
    return UNREADABLE
  }
}
