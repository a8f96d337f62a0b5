import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { o200k } from './o200k.ts'
import { textPieces } from './text-pieces.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const PROSE = 'The brown fox jumps over 13 lazy dogs, "twice".\n'

// Pieces of all kinds, many times repeated: words, signs, blanks, letters without a blank, pairs of units.
const anyText = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'a',
        'Ab1',
        ' ',
        '\n',
        '\n/',
        '…-',
        '\u3000 ',
        '-',
        '=|',
        '中',
        '我们',
        'день',
        ' дом',
        'é',
        '👍🏽',
        '👩‍👩‍👧‍👦',
        'ﷺ',
        PROSE,
        '\ud800',
        '\udc00',
      ),
      fc.integer({ min: 1, max: 150 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.map(([text, times]) => text.repeat(times)).join(''))

/** The longest text without a place where a word surely ends, in bytes. */
function longestStretch(text: string): number {
  return Math.max(0, ...text.split(/(?<=\S)(?= )/).map((stretch) => Buffer.byteLength(stretch)))
}

describe('textPieces', () => {
  test('leaves ordinary text whole', () => {
    const text = PROSE.repeat(100)
    expect(textPieces(text)).toEqual([text])
    expect(textPieces('')).toEqual([])
  })

  test('cuts what has no end, and nothing else', () => {
    const text = `${PROSE}Say ${'a'.repeat(300)} and ${'中'.repeat(50)}.`
    expect(textPieces(text)).toEqual([
      `${PROSE}Say ${'a'.repeat(127)}`,
      'a'.repeat(128),
      `${'a'.repeat(45)} and ${'中'.repeat(42)}`,
      `${'中'.repeat(8)}.`,
    ])
  })

  test('has no more pieces than the length asks for, and none with a long stretch', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const pieces = textPieces(text)
        expect(pieces.join('')).toBe(text)
        // The second half of a pair that began at the last byte.
        for (const piece of pieces) expect(longestStretch(piece)).toBeLessThanOrEqual(128 + 3)
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(8_192)
        expect(pieces.length).toBeLessThanOrEqual(2 + text.length / 20)
      }),
      { seed: 128, numRuns: 1_000 },
    )
  })

  test.each([
    ['letters', 'a'],
    ['letters of three bytes', '中'],
    ['spaces', ' '],
    ['signs and line ends', '\n/'],
    ['signs of two kinds', '…-'],
    ['spaces of two kinds', '\u3000 '],
    ['base64', Buffer.from(LETTERS.repeat(30)).toString('base64')],
  ])('cuts ten times as many %s into ten times as many pieces', (_, text) => {
    const [one, ten] = [10_000, 100_000].map((length) => textPieces(text.repeat(length).slice(0, length)).length)
    expect(one).toBeGreaterThan(70)
    expect(ten).toBeGreaterThan(9 * (one ?? 0))
    expect(ten).toBeLessThan(11 * (one ?? 0))
  })

  test('cuts no character in two', () => {
    for (const text of [`x${'👍'.repeat(300)}`, '👍'.repeat(300), `${'x y '.repeat(2_047)}xy ${'👍'.repeat(3)}`]) {
      for (const piece of textPieces(text)) expect(piece).not.toMatch(/\p{Surrogate}/u)
    }
  })

  test('together have hardly fewer tokens than the text, and not many more', async () => {
    const { count } = await o200k()
    fc.assert(
      fc.property(anyText, (text) => {
        const short = text.slice(0, 400)
        const cut = textPieces(short).reduce((sum, piece) => sum + count(piece), 0)
        const whole = count(short)
        expect(cut).toBeGreaterThanOrEqual(Math.floor(whole * 0.98))
        expect(cut).toBeLessThanOrEqual(whole + 2 * textPieces(short).length)
      }),
      { seed: 129, numRuns: 40 },
    )
  }, 60_000)
})
