/** Where a value stands in a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Where the value of a member of the outermost object stands in its JSON; of several of one name the last, which is the one
 * that counts. Undefined where there is none. The text must be JSON.
 */
export function memberSpan(json: string, name: string): Span | undefined {
  let span: Span | undefined
  let at = json.indexOf('{') + 1
  while (at > 0) {
    const key = json.indexOf('"', at)
    if (key === -1) return span
    const keyEnd = endOfString(json, key)
    const end = endOfValue(json, keyEnd)
    if (JSON.parse(json.slice(key, keyEnd)) === name) span = valueWithin(json, keyEnd, end)
    at = json[end] === ',' ? end + 1 : 0
  }
  return span
}

/** Behind the quote that ends the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end === -1 ? json.length : end + 1
}

function isEscaped(json: string, at: number): boolean {
  let first = at
  while (json[first - 1] === '\\') first -= 1
  return (at - first) % 2 === 1
}

/** The comma or the bracket that follows a member's value. */
function endOfValue(json: string, start: number): number {
  let depth = 0
  for (let at = start; at < json.length; at += 1) {
    const sign = json[at]
    if (depth === 0 && (sign === ',' || sign === '}')) return at
    if (sign === '"') at = endOfString(json, at) - 1
    if (sign === '{' || sign === '[') depth += 1
    if (sign === '}' || sign === ']') depth -= 1
  }
  return json.length
}

/** Between a key and what follows its value: without the colon, and the space on both sides. */
function valueWithin(json: string, keyEnd: number, end: number): Span {
  const value = json.slice(json.indexOf(':', keyEnd) + 1, end)
  const start = end - value.trimStart().length
  return { start, end: start + value.trim().length }
}
