import type { StoredValue } from './run-export.ts'

/** Enough to tell two values apart. */
const HASH_DIGITS = 12

type Tagged = { readonly $hf: string; readonly value: StoredValue }

/** A stored value in one line of at most `max` characters, cut where that is not enough. Costs no more for a big one. */
export function briefValue(value: StoredValue, max: number): string {
  return clip(render(value, max), max)
}

/** The text without what would break a line or steer a terminal, cut to `max` characters. */
export function clip(text: string, max: number): string {
  const line = text.slice(0, max + 1).replace(/\p{Cc}+/gu, ' ')
  if (text.length <= max) return line
  // Half of a surrogate pair would be shown as a box.
  return `${line.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Stops adding once there is no room left: whoever clips shows the rest as an ellipsis. */
function render(value: StoredValue, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room))
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${renderParts(value, room, (item, left) => render(item, left))}]`
  if (isTagged(value)) return renderTagged(value, room)
  const fields = Object.entries(value)
  if (fields.length === 0) return '{}'
  return `{ ${renderParts(fields, room, ([name, item], left) => `${name}: ${render(item, left)}`)} }`
}

function renderParts<Part>(
  parts: readonly Part[],
  room: number,
  renderPart: (part: Part, room: number) => string,
): string {
  let text = ''
  for (const part of parts) {
    if (text.length > room) return text
    text += `${text === '' ? '' : ', '}${renderPart(part, room - text.length)}`
  }
  return text
}

function renderTagged({ $hf, value }: Tagged, room: number): string {
  switch ($hf) {
    case 'undefined':
      return 'undefined'
    case 'date':
      return typeof value === 'number' ? new Date(value).toISOString() : 'an invalid date'
    case 'bigint':
      return `${String(value)}n`
    case 'hash':
      return `(sha256 ${String(value).slice(0, HASH_DIGITS)}…)`
    case 'number':
    case 'url':
      return String(value)
    default:
      return `${$hf} ${render(value, room)}`
  }
}

function isTagged(value: object): value is Tagged {
  return '$hf' in value && typeof value.$hf === 'string' && 'value' in value
}
