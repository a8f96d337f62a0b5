import { Buffer, isAscii } from 'node:buffer'

/**
 * What takes more bytes of UTF-8 after NFKC than before (ligatures, fractions, squared words, composition exclusions, …);
 * combining marks, which can take composed characters apart; and, of what has two UTF-16 units, the first. The ranges
 * hold others too: beyond sixteen of them, V8 searches five times slower.
 */
const MAY_GROW =
  /[\u00a8-\u00be\u013f-\u0140\u0149\u01c4-\u0387\u0587\u0675-\u0678\u0958-\u0fb9\u1fc1-\u1fee\u2033-\u2189\u222c-\u2230\u247d-\u2487\u2a0c-\u2adc\u309b-\u309f\u30ff-\u33ff\ufa6c-\ufefc\ud834-\ud83c]/

/**
 * More tokens than this a text never has: at worst a tokenizer falls back to bytes, those of the text or of its NFKC form.
 * Of JSON, the text must be as `JSON.stringify` writes it, which leaves letters as they are.
 */
export function textBound(text: string | Uint8Array): number {
  if (typeof text === 'string') return boundOf(text, Buffer.byteLength(text))
  return isAscii(text) ? text.byteLength : boundOf(Buffer.from(text).toString(), text.byteLength)
}

function boundOf(text: string, bytes: number): number {
  // As many bytes as UTF-16 units: ASCII, which NFKC leaves alone.
  if (bytes === text.length) return bytes
  return MAY_GROW.test(text) ? Math.max(bytes, Buffer.byteLength(text.normalize('NFKC'))) : bytes
}
