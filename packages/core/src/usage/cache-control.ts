/** For how long a request asks Claude to cache what it sends. */
export const CACHE_CONTROLS = ['none', '5m', '1h'] as const
export type CacheControl = (typeof CACHE_CONTROLS)[number]

// Of OpenAI-like and Anthropic's requests, the AI SDK's, and Bedrock's.
const ASKS = /cache_?(?:control|point)/i
// What all of them have, where no letter may be a capital: to look for it costs a fraction.
const COMMON = 'ache'

/** Anywhere in its text counts, so that no request is missed. */
export function cacheControlOf(requestText: string | Uint8Array): CacheControl {
  const text = typeof requestText === 'string' ? requestText : viewOf(requestText)
  if (!text.includes(COMMON)) return 'none'
  const readable = text.toString()
  if (!ASKS.test(readable)) return 'none'
  return readable.includes('1h') ? '1h' : '5m'
}

/** The longest of all parts of a request. */
export function longestCache(parts: readonly CacheControl[]): CacheControl {
  return CACHE_CONTROLS.findLast((control) => parts.includes(control)) ?? 'none'
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
