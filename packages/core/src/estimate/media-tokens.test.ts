import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { audioSeconds } from './audio-seconds.ts'
import type { MediaPart } from './media-parts.ts'
import { countMedia } from './media-tokens.ts'

const KILOBYTE = 1_024
const inline: MediaPart = {
  kind: 'image',
  source: 'inline',
  path: '.content[0]',
  mediaType: 'image/png',
  letters: 4 * KILOBYTE,
  bytes: 3 * KILOBYTE,
  seconds: undefined,
  original: false,
}

function count(part: Partial<MediaPart>, model = 'gpt-5', isStrict = false): [number, string | undefined] {
  const { tokens, unboundedBy } = countMedia({ ...inline, ...part }, 'messages[1]', model, isStrict)
  return [tokens, unboundedBy]
}

interface Wav {
  readonly rate?: number
  readonly channels?: number
  readonly format?: number
  readonly bytesPerSecond?: number
}

/** The header that a recorder of 16-bit samples writes. */
function wavHeader({
  rate = 16_000,
  channels = 1,
  format = 1,
  bytesPerSecond = rate * channels * 2,
}: Wav = {}): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt16LE(format, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(bytesPerSecond, 28)
  header.writeUInt16LE(channels * 2, 32)
  return header
}

describe('countMedia', () => {
  test.each([
    // Published: 85 + 170 × 8 tiles = 1,445.
    ['gpt-4o', 1_445],
    // 2,833 + 5,667 × 8 tiles = 48,169; a small one was billed 8,512 with its text.
    ['gpt-4o-mini-2024-07-18', 48_169],
    ['openai/gpt-4o-mini', 48_169],
    // 1,536 squares × 2.46 = 3,779; 1,536 × 1.72 = 2,642.
    ['gpt-4.1-nano', 3_779],
    ['o4-mini', 2_642],
    // 2,500 squares × 1.2 = 3,000.
    ['gpt-5.4-mini', 3_000],
    // 92 × 52 squares of 28 pixels.
    ['claude-opus-5', 4_784],
    // 16 tiles of 258; or 2,240 at its highest resolution.
    ['gemini-3.5-flash', 4_128],
  ])('counts an image for %s with no less than the published %i', (model, published) => {
    const [tokens, unboundedBy] = count({}, model)
    expect(tokens).toBeGreaterThanOrEqual(published)
    expect(unboundedBy).toBeUndefined()
  })

  test('counts what was billed where it was recorded, and an original in all its squares', () => {
    expect(count({}, 'gpt-4o-mini')).toEqual([48_169, undefined])
    expect(count({}, 'gpt-4o')).toEqual([5_000, undefined])
    expect(count({}, 'claude-sonnet-5')).toEqual([4_800, undefined])
    expect(count({ original: true }, 'gpt-5.4')).toEqual([24_600, undefined])
  })

  test('counts an image strictly by its base64, if that is more', () => {
    expect(count({ letters: 66_000, bytes: 49_500 }, 'gpt-5.4-mini', true)).toEqual([66_000, undefined])
    expect(count({}, 'gpt-5.4-mini', true)).toEqual([5_000, undefined])
    // Bytes that are no text yet: base64 makes four of three.
    expect(count({ letters: 0, bytes: 30_001 }, 'gpt-5.4-mini', true)).toEqual([40_004, undefined])
  })

  test('counts 32 tokens for a second of audio, and has no bound without knowing how long it can be', () => {
    expect(count({ kind: 'audio', seconds: 60 })).toEqual([1_920, undefined])
    expect(count({ kind: 'audio', seconds: 0.01 })).toEqual([1, undefined])
    expect(count({ kind: 'audio', seconds: undefined })).toEqual([4_096, 'messages[1].content[0]: audio'])
  })

  test('counts a text file by its base64, and has no bound for any other: pages are compressed', () => {
    expect(count({ kind: 'file', mediaType: 'text/markdown' })).toEqual([4_096, undefined])
    expect(count({ kind: 'file', mediaType: 'application/pdf' })).toEqual([4_096, 'messages[1].content[0]: file'])
    expect(count({ kind: 'file', mediaType: '' })).toEqual([4_096, 'messages[1].content[0]: file'])
    expect(count({ kind: 'video', mediaType: 'video/mp4' })).toEqual([4_096, 'messages[1].content[0]: video'])
  })

  test('has no bound for what the request only names', () => {
    expect(count({ source: 'url' })).toEqual([5_000, 'messages[1].content[0]: image by URL'])
    expect(count({ source: 'id', kind: 'file' })).toEqual([20_000, 'messages[1].content[0]: file by id'])
  })
})

describe('audioSeconds', () => {
  const MEGABYTE = 2 ** 20

  test('reads the rate of a WAV from its header', () => {
    expect(audioSeconds('audio/wav', 32_000 * 60, wavHeader())).toBe(60)
    expect(audioSeconds('audio/wav', 176_400, wavHeader({ rate: 44_100, channels: 2 }))).toBe(1)
  })

  test('does not believe a WAV that says it is faster than its samples', () => {
    expect(audioSeconds('audio/wav', 32_000, wavHeader({ bytesPerSecond: 10 ** 9 }))).toBe(1)
    expect(audioSeconds('audio/wav', 32_000, wavHeader({ bytesPerSecond: 8_000 }))).toBe(4)
  })

  test.each([
    ['a header that is cut off', wavHeader().subarray(0, 20)],
    ['another format', wavHeader({ format: 0x11 })],
    ['no header', Buffer.alloc(44)],
    ['a rate of nothing', wavHeader({ rate: 0 })],
  ])('takes a WAV with %s for the slowest there is', (_, start) => {
    expect(audioSeconds('audio/wav', MEGABYTE, start)).toBe(MEGABYTE / 1_000)
  })

  test('takes MP3 for 8 kbit/s, and other formats for so slow that they count by their bytes', () => {
    expect(audioSeconds('audio/mp3', 60_000, Buffer.alloc(0))).toBe(60)
    expect(audioSeconds('audio/mpeg', 60_000, Buffer.alloc(0))).toBe(60)
    expect(audioSeconds('audio/ogg', 3_200, Buffer.alloc(0))).toBe(100)
  })

  test.each(['audio/flac', 'audio/x-new', 'audio', ''])('knows no length of %j', (mediaType) => {
    expect(audioSeconds(mediaType, MEGABYTE, wavHeader())).toBeUndefined()
  })
})
