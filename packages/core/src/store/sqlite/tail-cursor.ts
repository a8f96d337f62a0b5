import { ConfigError } from '../../errors/config-error.ts'
import type { TailCursor } from '../read-verbs.ts'

/** Where a reader of all streams has got to. */
export interface TailPosition {
  /** The last row of `touched` that it has taken up. */
  touched: number
  /** The last number delivered of each stream that it follows. */
  readonly open: Map<number, number>
}

export function encodeCursor({ touched, open }: TailPosition): TailCursor {
  return Buffer.from(JSON.stringify({ touched, open: [...open] })).toString('base64url')
}

export function decodeCursor(cursor: TailCursor | null): TailPosition {
  if (cursor === null) return { touched: 0, open: new Map() }
  try {
    const { touched, open } = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Number.isSafeInteger(touched)) return { touched, open: new Map(open) }
  } catch {
    // Answered below, as is a text that is valid and something else.
  }
  throw new ConfigError(
    'The cursor is not one that tail has given; nothing was read. Pass what it returned, unchanged, or null.',
  )
}
