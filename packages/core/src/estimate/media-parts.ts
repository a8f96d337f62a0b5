import type { Fields } from '../usage/usage-reading.ts'
import { audioSeconds } from './audio-seconds.ts'
import type { MediaKind } from './estimate.ts'
import { inlinePayload, type MediaPayload, named, namedPayload, payloadOf } from './media-payload.ts'

/** A medium in a message, without its bytes. */
export interface MediaPart {
  readonly kind: MediaKind
  readonly source: MediaPayload['source']
  /** Within the message. */
  readonly path: string
  readonly mediaType: string
  /** Characters of base64; 0 if its bytes are no text. */
  readonly letters: number
  readonly bytes: number
  /** The longest that audio can last, if that can be told. */
  readonly seconds: number | undefined
  /** To be read in its full size. */
  readonly original: boolean
}

export interface FoundMedia {
  readonly part: MediaPart
  readonly payload: MediaPayload
}

type Trail = (string | number)[]

/** Where content stands in a message, of any provider; never in the arguments of a tool, whose shape a model chooses. */
const CARRIERS = new Set(['content', 'parts', 'output', 'functionResponse', 'function_response', 'source'])
/** Members that hold a medium as an object of its own. */
const WRAPPERS = new Set([
  ...['image_url', 'input_audio', 'video_url', 'audio_url', 'file', 'source', 'data'],
  ...['inlineData', 'inline_data', 'fileData', 'file_data'],
])
const IS_MEDIA = /image|audio|video|file|document|media|screenshot|upload/
/** The most frequent parts, which never are a medium themselves. */
const NO_MEDIA = new Set([
  ...['text', 'input_text', 'output_text', 'message', 'refusal', 'thinking', 'redacted_thinking', 'reasoning'],
  ...['tool_use', 'tool_result', 'tool-call', 'tool-result', 'function_call', 'function_call_output'],
])
/** They tell where a text that stands beside is from. */
const QUOTES = /^(?:web_|search_|source)/
const MAX_DEPTH = 12

/** The images, recordings and files of a message. */
export function findMedia(message: unknown): readonly FoundMedia[] {
  const found: FoundMedia[] = []
  search(message, [], found)
  return found
}

function search(value: unknown, trail: Trail, found: FoundMedia[]): void {
  if (typeof value !== 'object' || value === null || trail.length > MAX_DEPTH) return
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) searchAt(value[index], index, trail, found)
    return
  }
  searchFields(value as Fields, trail, found)
}

function searchAt(value: unknown, key: string | number, trail: Trail, found: FoundMedia[]): void {
  trail.push(key)
  search(value, trail, found)
  trail.pop()
}

function searchFields(fields: Fields, trail: Trail, found: FoundMedia[]): void {
  const before = found.length
  // The straight path: what has neither objects nor a type of its own costs a look at each member.
  for (const key in fields) {
    const inner = fields[key]
    if (typeof inner !== 'object' || inner === null) continue
    const media = wrappedMedia(fields, key, inner, trail)
    if (media) found.push(media)
    else if (carries(fields, key)) searchAt(inner, key, trail, found)
    else if (key === 'images' && Array.isArray(inner)) searchImages(inner, trail, found)
  }
  if (found.length > before || typeof fields.type !== 'string' || NO_MEDIA.has(fields.type)) return
  const payload = flatPayload(fields, fields.type)
  if (payload) found.push({ payload, part: partOf(fields.type, payload, fields, trail) })
}

function carries(fields: Fields, key: string): boolean {
  // A tool's result of the AI SDK: what is not `content` is JSON, and may look like anything.
  return CARRIERS.has(key) || (key === 'value' && fields.type === 'content')
}

/** Ollama's: base64 or bytes, beside the text. */
function searchImages(images: readonly unknown[], trail: Trail, found: FoundMedia[]): void {
  for (const key of images.keys()) {
    const payload = payloadOf(images as unknown as Fields, String(key))
    if (payload) found.push({ payload, part: partOf('image', payload, {}, [...trail, 'images', key]) })
  }
}

function wrappedMedia(part: Fields, key: string, inner: object, trail: Trail): FoundMedia | undefined {
  const fields = inner as Fields
  // What a model said aloud before: the provider has kept it.
  const isKept = key === 'audio' && typeof fields.id === 'string'
  if (!isKept && (!WRAPPERS.has(key) || fields.type === 'text')) return undefined
  const payload = isKept ? named('id', fields, 'id') : (inlinePayload(fields) ?? namedPayload(fields))
  return payload && { payload, part: partOf(`${key} ${part.type}`, payload, { ...part, ...fields }, trail) }
}

function flatPayload(part: Fields, type: string): MediaPayload | undefined {
  if (QUOTES.test(type)) return undefined
  return (IS_MEDIA.test(type) ? inlinePayload(part) : undefined) ?? namedPayload(part)
}

function partOf(name: string, payload: MediaPayload, facts: Fields, trail: Readonly<Trail>): MediaPart {
  const mediaType = mediaTypeOf(payload, facts)
  const kind = kindOf(name, mediaType)
  const { source, letters, bytes, start } = payload
  return {
    kind,
    source,
    path: trail.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join(''),
    mediaType,
    letters,
    bytes,
    seconds: kind === 'audio' && source === 'inline' ? audioSeconds(mediaType, bytes, start) : undefined,
    original: facts.detail === 'original',
  }
}

function mediaTypeOf(payload: MediaPayload, facts: Fields): string {
  const told = facts.mediaType ?? facts.media_type ?? facts.mimeType ?? facts.mime_type
  if (typeof told === 'string') return told.toLowerCase()
  if (payload.mediaType !== '') return payload.mediaType
  return typeof facts.format === 'string' ? `audio/${facts.format.toLowerCase()}` : ''
}

function kindOf(name: string, mediaType: string): MediaKind {
  const [family = ''] = mediaType.split('/')
  if (family === 'image' || family === 'audio' || family === 'video') return family
  if (mediaType !== '') return 'file'
  if (/image|screenshot/.test(name)) return 'image'
  if (name.includes('audio')) return 'audio'
  return name.includes('video') ? 'video' : 'file'
}
