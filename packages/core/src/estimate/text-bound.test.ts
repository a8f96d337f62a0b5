import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { o200k } from './o200k.ts'
import { textBound } from './text-bound.ts'

const SEED = 4_711
const anyText = fc.string({ unit: 'binary', maxLength: 60 })
// Where marks and what they combine with come together, normal forms differ most.
const markedText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'à', 'ǖ', 'ậ', 'ﷺ', 'ﬃ', '½', '㎏', 'が', 'ज़', 'ำ', '𝅘𝅥𝅮', '🈁', '한', 'ά', '가'),
    fc.integer({ min: 0x300, max: 0x36f }).map((code) => String.fromCodePoint(code)),
    fc.integer({ min: 0x591, max: 0x1100 }).map((code) => String.fromCodePoint(code)),
  ),
})

function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}

describe('textBound', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['"\n"', 3],
    ['é', 2],
    ['中文', 6],
    ['👍', 4],
    // NFKC makes 18 letters of it.
    ['ﷺ', 33],
    ['½', 5],
    ['\ud800', 3],
  ])('takes %j for at most %i tokens', (text, most) => {
    expect(textBound(text)).toBe(most)
  })

  test('knows every character that takes more bytes after NFKC', () => {
    const missed: string[] = []
    for (let code = 0; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const character = String.fromCodePoint(code)
      if (textBound(character) < bytesOf(character.normalize('NFKC'))) missed.push(code.toString(16))
    }
    expect(missed).toEqual([])
  })

  test('is never below the bytes of a text or of its NFKC form', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, markedText), (text) => {
        const bound = textBound(text)
        expect(bound).toBeGreaterThanOrEqual(bytesOf(text))
        expect(bound).toBeGreaterThanOrEqual(bytesOf(text.normalize('NFKC')))
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test('is never below what a tokenizer counts', async () => {
    const tokenizer = await o200k()
    fc.assert(
      fc.property(fc.oneof(anyText, markedText), (text) => {
        expect(textBound(text)).toBeGreaterThanOrEqual(tokenizer.count(text))
        expect(textBound(text)).toBeGreaterThanOrEqual(tokenizer.count(text.normalize('NFKC')))
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  test('is the same for a text and for its bytes', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, markedText), (text) => {
        const wellFormed = text.replace(/\p{Surrogate}/gu, '')
        expect(textBound(Buffer.from(wellFormed))).toBe(textBound(wellFormed))
      }),
      { seed: SEED, numRuns: 500 },
    )
    const framed = new Uint8Array(Buffer.from('..½..'))
    expect(textBound(framed.subarray(2, 4))).toBe(5)
  })
})
