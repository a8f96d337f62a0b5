import type { AnswerShape } from '../../endpoint/endpoint.ts'

/** A longer text is not parsed where its usage can be found without that. */
const LONGEST_PARSED = 65_536
/** Where the members of a body stand that come before what makes it long. */
const HEAD = 4_096
/** Their usage is not all that is billed: what they did counts, too. */
const WHOLE = new Set<AnswerShape>(['openai-responses', 'gemini', 'ollama'])
/** What tells a shape where its usage alone does not. */
const MARKS: Partial<Record<AnswerShape, object>> = { 'openai-images': { data: [] }, anthropic: { type: 'message' } }

/** Whether `foundPart` tells all that the whole body would. */
export function isFoundWhole(shape: AnswerShape): boolean {
  return !WHOLE.has(shape)
}

/** As much of a body, or an event, as tells of its usage. Its text may be latin1: names and counts are ASCII. */
export function tellingPart(text: string, shape: AnswerShape): unknown {
  if (text.length > LONGEST_PARSED && isFoundWhole(shape)) return foundPart(text, shape)
  try {
    return JSON.parse(text)
  } catch {
    return foundPart(text, shape)
  }
}

/** What can be found without reading all of it: of something long, or broken off. */
export function foundPart(text: string, shape: AnswerShape): object {
  const usage = lastObject(text, '"usage"')
  const drawn = lastObject(text, '"svg_usage"')
  return {
    ...MARKS[shape],
    ...(usage === undefined ? {} : { usage }),
    ...(drawn === undefined ? {} : { svg_usage: drawn }),
    ...member(text, 'model'),
    ...member(text, 'service_tier'),
  }
}

/** Within a string no quote stands without a backslash, so that what looks like a member is one. */
function lastObject(text: string, name: string): unknown {
  for (let at = text.lastIndexOf(name); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1)) {
    const start = OPENING.exec(text.slice(at + name.length, at + name.length + LONGEST_GAP))
    if (start === null) continue
    const found = objectAt(text, at + name.length + start[0].length - 1)
    if (found !== undefined) return found
  }
  return undefined
}

const OPENING = /^\s*:\s*\{/
const LONGEST_GAP = 64

function objectAt(text: string, start: number): unknown {
  const end = endOfObject(text, start)
  try {
    return end === -1 ? undefined : JSON.parse(text.slice(start, end))
  } catch {
    return undefined
  }
}

function endOfObject(text: string, start: number): number {
  const tokens = /["{}]/g
  let depth = 0
  tokens.lastIndex = start
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '{') depth += 1
    if (token[0] === '}') depth -= 1
    if (depth === 0) return tokens.lastIndex
    if (token[0] === '"') tokens.lastIndex = endOfString(text, tokens.lastIndex)
  }
  return -1
}

function endOfString(text: string, start: number): number {
  const tokens = /\\.|"/gs
  tokens.lastIndex = start
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '"') return tokens.lastIndex
  }
  return text.length
}

function member(text: string, name: string): object {
  const pattern = new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]*)"`)
  const at = text.lastIndexOf(`"${name}"`)
  const found = pattern.exec(text.slice(0, HEAD)) ?? (at === -1 ? null : pattern.exec(text.slice(at, at + HEAD)))
  return found === null ? {} : { [name]: found[1] }
}
