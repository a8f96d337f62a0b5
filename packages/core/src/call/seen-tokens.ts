import { Buffer } from 'node:buffer'
import { encodeValue } from '../codec/value-codec.ts'
import { isFields } from '../usage/fields.ts'

/**
 * The tokens of output at most in what a sender returned: none has less than a byte of its text. Undefined where it has
 * nothing of the answer in it, such as when that was streamed elsewhere, or where nobody can read it: then any number of
 * them may have come. `text`: what is stored of it; null for nothing.
 */
export function seenTokens(response: unknown, text: string | null): number | undefined {
  return text === null || saysNothing(response) ? undefined : Buffer.byteLength(text)
}

/** The same for what is not stored. */
export function seenTokensOf(response: unknown): number | undefined {
  try {
    return seenTokens(response, encodeValue(response))
  } catch {
    return undefined
  }
}

function saysNothing(response: unknown): boolean {
  if (typeof response === 'string' || Array.isArray(response)) return response.length === 0
  return !isFields(response) || Object.keys(response).length === 0
}
