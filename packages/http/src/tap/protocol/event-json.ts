import { Buffer } from 'node:buffer'

export type Fields = Readonly<Record<string, unknown>>

const BEYOND_ASCII = /[\x80-\xff]/
const NONE: Fields = Object.freeze({})

/** The text that stands in bytes of UTF-8, which were read as latin1. */
export function utf8Of(latin1: string): string {
  return BEYOND_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString() : latin1
}

/** The members of an event's object; none for everything else. */
export function eventOf(data: string): Fields {
  try {
    return fieldsOf(JSON.parse(utf8Of(data)))
  } catch {
    return NONE
  }
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NONE
}

export function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

const FIRST_TYPE = '{"type":"'

/** What an event that names its type is. */
export function typeOf(data: string): string {
  if (data.startsWith(FIRST_TYPE)) return data.slice(FIRST_TYPE.length, data.indexOf('"', FIRST_TYPE.length))
  return String(eventOf(data).type)
}

/** What a model does not write: how its answer is wrapped. */
const FRAMING = new Set([
  'id',
  'type',
  'role',
  'status',
  'index',
  'signature',
  'encrypted_content',
  'item_id',
  'call_id',
])

/** All that a model wrote into a value. */
export function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textIn).join('')
  return Object.entries(fieldsOf(value))
    .map(([name, member]) => (FRAMING.has(name) ? '' : textIn(member)))
    .join('')
}
