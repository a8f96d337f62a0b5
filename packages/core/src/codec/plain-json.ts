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
  if (Array.isArray(value)) return isPlainArray(value, depth)
  if (!isPlainObject(value)) return false
  for (const key of Object.keys(value)) {
    if (key === TAG || key === 'toJSON') return false
    const member = value[key]
    if (member !== undefined && !isPlainJson(member, depth)) return false
  }
  return true
}

function isPlainArray(value: unknown[], depth: number): boolean {
  for (let index = 0; index < value.length; index++) {
    if (!isPlainJson(value[index], depth)) return false
  }
  return true
}
