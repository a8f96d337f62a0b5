import { sha256 } from './hash.ts'
import { isWellFormed } from './well-formed.ts'

/** Raised when the encoding changes: keys of two versions never meet. */
const VERSION = '1'

/** SHA-256 over a version and parts with their lengths, so that no two lists of parts share an encoding. */
export function keyDigest(...parts: readonly string[]): Buffer {
  let text = VERSION
  for (const part of parts) text += encodePart(part)
  return sha256(text)
}

/** The length in front keeps parts from running into one another; what has no UTF-8 form is escaped and marked. */
function encodePart(part: string): string {
  if (isWellFormed(part)) return `:${part.length}:${part}`
  const escaped = JSON.stringify(part)
  return `!${escaped.length}!${escaped}`
}
