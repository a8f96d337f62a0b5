import { Buffer } from 'node:buffer'

/** The slowest that MP3 can be, and more than any WAV takes: 8 kbit/s. */
const SLOW_BYTES_PER_SECOND = 1_000
/** As many as there are tokens in a second, so that what is as slow as that counts by its bytes. */
const SLOWEST_BYTES_PER_SECOND = 32
const WAV = ['wav', 'x-wav', 'wave', 'vnd.wave']
const SLOW = [...WAV, 'mp3', 'mpeg', 'mpga']
const SLOWEST = ['aac', 'ogg', 'opus', 'aiff', 'x-aiff', 'm4a', 'mp4', 'webm', 'pcm16', 'l16', 'g711_ulaw', 'g711_alaw']
const HEADER_BYTES = 36
const PCM = [1, 3, 0xfffe]

/**
 * The longest that a recording of so many bytes can last; undefined for a format in which silence takes next to no
 * bytes (FLAC), and for one that we do not know. `start` is its first 36 bytes, in which WAV tells its rate.
 */
export function audioSeconds(mediaType: string, bytes: number, start: Uint8Array): number | undefined {
  const [, format = ''] = mediaType.split('/')
  if (WAV.includes(format)) return bytes / (wavBytesPerSecond(start) ?? SLOW_BYTES_PER_SECOND)
  if (SLOW.includes(format)) return bytes / SLOW_BYTES_PER_SECOND
  return SLOWEST.includes(format) ? bytes / SLOWEST_BYTES_PER_SECOND : undefined
}

/** By the header that nearly all WAV have; the slower one of the two ways in which it tells its rate. */
function wavBytesPerSecond(start: Uint8Array): number | undefined {
  if (start.byteLength < HEADER_BYTES) return undefined
  const header = Buffer.from(start.buffer, start.byteOffset, HEADER_BYTES)
  const isCanonical = header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 8, 16) === 'WAVEfmt '
  if (!isCanonical || !PCM.includes(header.readUInt16LE(20))) return undefined
  const slower = Math.min(header.readUInt32LE(28), header.readUInt32LE(24) * header.readUInt16LE(32))
  return slower > SLOW_BYTES_PER_SECOND ? slower : undefined
}
