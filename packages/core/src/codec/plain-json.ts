import { isPlainArray, memberBesideElements } from '../util/plain-array.ts'
import { isPlainObject } from '../util/plain-object.ts'
import { TAG } from './tags.ts'

/** Deeper values take the careful path: it ends with a refusal, this one would with the stack. */
const MAX_DEPTH = 50

/** Whether JSON alone gives the value back, as it does for nearly everything that a tool takes or returns. */
export function isPlainJson(value: unknown, depth: number = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      return value === null || (depth < MAX_DEPTH && isPlainContainer(value, depth + 1))
    default:
      return false
  }
}

function isPlainContainer(value: object, depth: number): boolean {
  // Names that JSON leaves out: whether they matter is for the careful path to say.
  if (Object.getOwnPropertySymbols(value).length > 0) return false
  if (isPlainArray(value)) return hasPlainElements(value, depth)
  if (!isPlainObject(value)) return false
  for (const key of Object.keys(value)) {
    if (key === TAG || key === 'toJSON') return false
    const member = value[key]
    if (member !== undefined && !isPlainJson(member, depth)) return false
  }
  return true
}

function hasPlainElements(value: unknown[], depth: number): boolean {
  for (let index = 0; index < value.length; index++) {
    if (!isPlainJson(value[index], depth)) return false
  }
  return memberBesideElements(value) === undefined && !('toJSON' in value)
}
