import { type CacheControl, cacheControlOf } from '../usage/cache-control.ts'
import { isUnchanged, type Snapshot, takeSnapshot } from '../util/snapshot.ts'
import { type FoundMedia, findMedia, type MediaPart } from './media-parts.ts'
import { textBound } from './text-bound.ts'

/** What a part of a request comes to: a message, the list of tools, a parameter. */
export interface PartFacts {
  /** Tokens of its JSON at most, without the bytes of its media. */
  readonly tokens: number
  readonly media: readonly MediaPart[]
  readonly cacheControl: CacheControl
  /** False: JSON cannot write it, so that nobody knows what is sent. */
  readonly isReadable: boolean
}

interface KnownPart {
  readonly facts: PartFacts
  readonly snapshot: Snapshot
}

const known = new WeakMap<object, KnownPart>()
const LONG_TEXT = 65_536
const UNREADABLE: PartFacts = Object.freeze({ tokens: 0, media: [], cacheControl: '1h', isReadable: false })

/**
 * Remembers the parts, so that a turn of a long conversation costs what is new in it; a part that was changed since,
 * however deep, is measured again. What is no part of the conversation holds no media. Equal facts of an unchanged part are the same object.
 */
export function partFacts(value: unknown, holdsMedia: boolean): PartFacts {
  try {
    return typeof value === 'object' && value !== null
      ? factsOfObject(value, holdsMedia)
      : measure(value, false, isLongText(value))
  } catch {
    return UNREADABLE
  }
}

/** The JSON of a part without the bytes of its media; throws where JSON cannot write it. */
export function partText(value: unknown, holdsMedia: boolean): string {
  return jsonWithout(value, holdsMedia ? findMedia(value) : [])
}

function factsOfObject(value: object, holdsMedia: boolean): PartFacts {
  const earlier = known.get(value)
  if (earlier && isUnchanged(earlier.snapshot, value)) return earlier.facts
  const snapshot = takeSnapshot(value)
  const facts = measure(value, holdsMedia, snapshot?.some(isLongText) ?? false)
  if (snapshot) known.set(value, { facts, snapshot })
  return facts
}

function measure(value: unknown, holdsMedia: boolean, hasLongText: boolean): PartFacts {
  const found = holdsMedia ? findMedia(value) : []
  const media = found.map(({ part }) => part)
  if (!hasLongText) {
    const json = jsonWithout(value, found)
    return { tokens: textBound(json), media, cacheControl: cacheControlOf(json), isReadable: true }
  }
  let tokens = 0
  const json = jsonWithout(value, found, (text) => {
    tokens += longTextBound(text)
  })
  // What asks for it is no long text.
  return { tokens: tokens + textBound(json), media, cacheControl: cacheControlOf(json), isReadable: true }
}

/** Piece by piece: time and memory for the JSON of all of it at once grow faster than it does. */
function longTextBound(text: string): number {
  let tokens = 0
  for (let start = 0; start < text.length; start += LONG_TEXT) {
    tokens += textBound(JSON.stringify(text.slice(start, start + LONG_TEXT)))
  }
  return tokens
}

function isLongText(value: unknown): value is string {
  return typeof value === 'string' && value.length > LONG_TEXT
}

/** `takeLong` gets the long texts, which are left out too. */
function jsonWithout(value: unknown, found: readonly FoundMedia[], takeLong?: (text: string) => void): string {
  // What has no JSON is left out of an object, and null in a list.
  if (found.length === 0 && !takeLong) return JSON.stringify(value) ?? 'null'
  const leftOut = membersOf(found)
  return JSON.stringify(value, function (this: unknown, key: string, inner: unknown) {
    if (leftOut.get(this)?.has(key)) return ''
    if (!takeLong || !isLongText(inner)) return inner
    takeLong(inner)
    return ''
  })
}

/** The members that hold bytes, by the object that has them. */
function membersOf(found: readonly FoundMedia[]): Map<unknown, Set<string>> {
  const members = new Map<unknown, Set<string>>()
  for (const { payload } of found) {
    if (payload.source !== 'inline') continue
    const keys = members.get(payload.holder) ?? new Set()
    members.set(payload.holder, keys.add(payload.key))
  }
  return members
}
