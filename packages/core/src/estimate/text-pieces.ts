const MAX_STRETCH_BYTES = 128
const MAX_PIECE_LENGTH = 8_192
const SPACE = 0x20
const FIRST_BEYOND_ASCII = 0x80
const MAX_BYTES_PER_UNIT = 3
const FIRST_HALF = 0xd800
const SECOND_HALF = 0xdc00
const HALVES = 0x400

/**
 * A text in pieces that any tokenizer counts in linear time. Together they have as many tokens as the text, or some more
 * at the cuts.
 *
 * All tokenizers end a word before a space. What stands between two such places they may take for one word, and the time
 * that they need for a word grows with its square: so there is a cut wherever that is more than 128 bytes.
 */
export function textPieces(text: string): string[] {
  const pieces: string[] = []
  let start = 0
  let stretch = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit === SPACE && !isBlank(text.charCodeAt(index - 1))) stretch = 0
    stretch += unit < FIRST_BEYOND_ASCII ? 1 : MAX_BYTES_PER_UNIT
    const isLong = stretch > MAX_STRETCH_BYTES || index - start >= MAX_PIECE_LENGTH
    if (!isLong || (isHalf(unit, SECOND_HALF) && isHalf(text.charCodeAt(index - 1), FIRST_HALF))) continue
    pieces.push(text.slice(start, index))
    start = index
    stretch = unit < FIRST_BEYOND_ASCII ? 1 : MAX_BYTES_PER_UNIT
  }
  if (start < text.length) pieces.push(text.slice(start))
  return pieces
}

/** Of blanks in a row none ends a word; before the text, there is none to end. */
function isBlank(unit: number): boolean {
  if (unit < FIRST_BEYOND_ASCII) return unit <= SPACE
  return Number.isNaN(unit) || /\s/.test(String.fromCharCode(unit))
}

/** Of a pair of surrogates, which stays together. */
function isHalf(unit: number, first: number): boolean {
  return unit >= first && unit < first + HALVES
}
