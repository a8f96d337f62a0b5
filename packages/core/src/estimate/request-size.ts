import { type CacheControl, cacheControlOf, longestCache } from '../usage/cache-control.ts'
import { isFields } from '../usage/fields.ts'
import type { RequestToEstimate } from './estimate.ts'
import { findMedia, type MediaPart } from './media-parts.ts'
import { partFacts, partText } from './part-facts.ts'
import { textBound } from './text-bound.ts'

/** What a request comes to before anything is known of its model. */
export interface RequestSize {
  /** Of its JSON at most, without the bytes of its media. */
  readonly textTokens: number
  readonly media: readonly PlacedMedia[]
  readonly cacheControl: CacheControl
  /** False: JSON cannot write all of it. */
  readonly isReadable: boolean
}

export interface PlacedMedia {
  /** The message that it is in, such as `messages[2]`. */
  readonly where: string
  readonly part: MediaPart
}

/** A part of a request: of the conversation one message, else one member. */
type Visit = (value: unknown, holdsMedia: boolean, name: string, index: number | undefined) => void

/** Where the conversation stands, by provider: only there a request holds media. */
const CONVERSATION = new Set([
  ...['messages', 'input', 'contents', 'prompt', 'images'],
  ...['system', 'instructions', 'systemInstruction', 'system_instruction'],
])
// A colon and the brackets of a list.
const PUNCTUATION = 3

/** Shows the parts of a request: message by message, member by member. */
export function eachPart(request: unknown, visit: Visit): void {
  if (!isFields(request)) {
    eachMessage('', request, visit)
    return
  }
  for (const name in request) {
    const value = request[name]
    if (value === undefined) continue
    if (CONVERSATION.has(name)) eachMessage(name, value, visit)
    else visit(value, false, name, undefined)
  }
}

/** By the JSON if the caller has it, else part by part, remembering the parts. */
export function requestSize({ request, body }: RequestToEstimate): RequestSize {
  return body === undefined ? sizeOfParts(request) : sizeOfBody(request, body)
}

/** What stands around the parts: names, quotes, brackets. */
export function namesBound(request: unknown): number {
  if (!isFields(request)) return PUNCTUATION
  const names = Object.keys(request)
  return textBound(JSON.stringify(names)) + names.length * PUNCTUATION
}

function sizeOfBody(request: unknown, body: string | Uint8Array): RequestSize {
  const media: PlacedMedia[] = []
  eachPart(request, (value, holdsMedia, name, index) => {
    if (!holdsMedia) return
    for (const { part } of findMedia(value)) media.push({ part, where: placeOf(name, index) })
  })
  const letters = media.reduce((sum, { part }) => sum + part.letters, 0)
  const textTokens = Math.max(0, textBound(body) - letters)
  return { textTokens, media, cacheControl: cacheControlOf(body), isReadable: true }
}

function sizeOfParts(request: unknown): RequestSize {
  const media: PlacedMedia[] = []
  const cached: CacheControl[] = []
  let textTokens = namesBound(request)
  let isReadable = true
  eachPart(request, (value, holdsMedia, name, index) => {
    const facts = partFacts(value, holdsMedia)
    // And a comma.
    textTokens += facts.tokens + 1
    isReadable &&= facts.isReadable
    cached.push(facts.cacheControl, cacheControlAs(name, value))
    for (const part of facts.media) media.push({ part, where: placeOf(name, index) })
  })
  return { textTokens, media, cacheControl: longestCache(cached), isReadable }
}

/** Of the request as a whole, a member of that name asks for it. */
function cacheControlAs(name: string, value: unknown): CacheControl {
  if (cacheControlOf(name) === 'none') return 'none'
  const { isReadable } = partFacts(value, false)
  return isReadable ? cacheControlOf(name + partText(value, false)) : '1h'
}

function eachMessage(name: string, value: unknown, visit: Visit): void {
  // Texts, or the numbers of tokens, are one part.
  if (!Array.isArray(value) || typeof value[0] !== 'object') {
    visit(value, true, name, undefined)
    return
  }
  for (let index = 0; index < value.length; index++) visit(value[index], true, name, index)
}

function placeOf(name: string, index: number | undefined): string {
  return index === undefined ? name : `${name}[${index}]`
}
