import { Buffer } from 'node:buffer'
import type { Fields } from '../usage/usage-reading.ts'

/** What stands in a request for a medium: its bytes, or the name by which the provider fetches it. */
export interface MediaPayload {
  readonly source: 'inline' | 'url' | 'id'
  /** The object and its member that hold it. */
  readonly holder: Fields
  readonly key: string
  /** '' if the payload itself does not say. */
  readonly mediaType: string
  /** Characters of base64; 0 if the bytes are no text. */
  readonly letters: number
  readonly bytes: number
  /** The first bytes, as many as a header takes. */
  readonly start: Uint8Array
}

const HOLDS_BYTES = ['data', 'file_data', 'image', 'result'] as const
const NAMES_A_PLACE = ['url', 'image_url', 'file_url', 'video_url', 'audio_url', 'fileUri', 'file_uri', 'uri'] as const
const NAMES_A_FILE = ['file_id', 'fileId', 'reference'] as const

const DATA = /^data:/i
const DATA_URL = /^data:([^;,]*)[^,]*;base64,/i
const PLACE = /^[a-z][a-z\d+.-]*:\/\//i
const BASE64 = /^[\w+/=\s-]*$/
const START_LETTERS = 64
const NOTHING = new Uint8Array(0)

/** The bytes that an object holds as a member; text that only pretends to be base64 stays text. */
export function inlinePayload(holder: Fields): MediaPayload | undefined {
  for (const key of HOLDS_BYTES) {
    const payload = payloadOf(holder, key)
    if (payload) return payload
  }
  return undefined
}

/** What an object names, or holds as a data URL. */
export function namedPayload(holder: Fields): MediaPayload | undefined {
  for (const key of NAMES_A_PLACE) {
    const place = textOf(holder[key])
    if (place !== '') return DATA.test(place) ? textPayload(holder, key, place) : named('url', holder, key)
  }
  const key = NAMES_A_FILE.find((name) => holder[name] !== undefined && holder[name] !== null)
  return key && named('id', holder, key)
}

/** What one member holds or names. */
export function payloadOf(holder: Fields, key: string): MediaPayload | undefined {
  const value = holder[key]
  const text = textOf(value)
  if (text !== '') return textPayload(holder, key, text)
  if (value instanceof ArrayBuffer) return bytesPayload(holder, key, new Uint8Array(value))
  if (!ArrayBuffer.isView(value)) return undefined
  return bytesPayload(holder, key, new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
}

function textPayload(holder: Fields, key: string, value: string): MediaPayload | undefined {
  if (PLACE.test(value)) return named('url', holder, key)
  const [head = '', mediaType = ''] = DATA_URL.exec(value) ?? []
  const base64 = head === '' ? value : value.slice(head.length)
  if (!BASE64.test(base64)) return undefined
  return {
    source: 'inline',
    holder,
    key,
    mediaType: mediaType.toLowerCase(),
    letters: value.length,
    bytes: Math.ceil((base64.length * 3) / 4),
    start: Buffer.from(base64.slice(0, START_LETTERS), 'base64'),
  }
}

function bytesPayload(holder: Fields, key: string, bytes: Uint8Array): MediaPayload {
  const { byteLength } = bytes
  return { source: 'inline', holder, key, mediaType: '', letters: 0, bytes: byteLength, start: bytes.subarray(0, 64) }
}

export function named(source: 'url' | 'id', holder: Fields, key: string): MediaPayload {
  return { source, holder, key, mediaType: '', letters: 0, bytes: 0, start: NOTHING }
}

/** '' for what is none. */
function textOf(value: unknown): string {
  if (value instanceof URL) return value.href
  return typeof value === 'string' ? value : ''
}
