import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import { serializeError } from '../errors/serialize.ts'
import { classNameOf } from '../util/class-name.ts'
import { isPlainArray, memberBesideElements } from '../util/plain-array.ts'
import { isPlainObject } from '../util/plain-object.ts'
import { Refusal } from '../util/refusal.ts'
import { TAG, type Tagged } from './tags.ts'

const MAX_DEPTH = 500

/** The value in terms of JSON: what JSON lacks becomes a tag, what cannot come back is refused. */
export function toJsonValue(value: unknown, ancestors: object[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return numberToJson(value)
    case 'bigint':
      return tagged('bigint', String(value))
    case 'undefined':
      return tagged('undefined', null)
    case 'object':
      return value === null ? null : nested(value, ancestors)
    default:
      throw new Refusal(`a ${typeof value} cannot be stored`)
  }
}

function numberToJson(value: number): unknown {
  if (Object.is(value, -0)) return tagged('number', '-0')
  return Number.isFinite(value) ? value : tagged('number', String(value))
}

function nested(value: object, ancestors: object[]): unknown {
  if (ancestors.includes(value)) throw new Refusal('it contains itself')
  if (ancestors.length >= MAX_DEPTH) throw new Refusal(`it is nested more than ${MAX_DEPTH} deep`)
  ancestors.push(value)
  const json = objectToJson(value, ancestors)
  ancestors.pop()
  return json
}

function objectToJson(value: object, ancestors: object[]): unknown {
  if (isPlainArray(value)) return plainArray(value, ancestors)
  // By what they are, not by what they inherit from: a class derived from Map does not come back as itself either way.
  if (types.isDate(value)) return tagged('date', Number.isNaN(value.getTime()) ? null : value.getTime())
  if (types.isMap(value)) return tagged('map', elements([...value], ancestors))
  if (types.isSet(value)) return tagged('set', elements([...value], ancestors))
  if (Buffer.isBuffer(value)) return tagged('buffer', value.toString('base64'))
  if (types.isUint8Array(value)) return tagged('bytes', Buffer.from(value).toString('base64'))
  if (value instanceof URL) return tagged('url', value.href)
  if (types.isNativeError(value) || value instanceof Error) return tagged('error', serializeError(value))
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return toJsonValue((value as { toJSON(key: string): unknown }).toJSON(''), ancestors)
  }
  if (isPlainObject(value)) return plainObject(value, ancestors)
  throw new Refusal(`an instance of ${classNameOf(value)} would come back as something else`)
}

function plainArray(values: unknown[], ancestors: object[]): unknown[] {
  const lost = memberBesideElements(values)
  if (lost !== undefined) throw new Refusal(`an array would come back without its member '${lost}'`)
  refuseSymbols(values)
  return elements(values, ancestors)
}

function refuseSymbols(value: object): void {
  const lost = Object.getOwnPropertySymbols(value).find((symbol) => Object.propertyIsEnumerable.call(value, symbol))
  if (lost !== undefined) throw new Refusal(`it would come back without its member ${String(lost)}`)
}

function plainObject(value: Record<string, unknown>, ancestors: object[]): unknown {
  refuseSymbols(value)
  const json: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(value)) {
    const member = at(key, () => (value[key] === undefined ? undefined : toJsonValue(value[key], ancestors)))
    if (member !== undefined) json[key] = member
  }
  // A caller's own object that looks like a tag is wrapped in one.
  return Object.hasOwn(json, TAG) ? tagged('object', json) : json
}

function elements(values: unknown[], ancestors: object[]): unknown[] {
  return Array.from(values, (value, index) => at(index, () => toJsonValue(value, ancestors)))
}

function at<T>(step: string | number, convert: () => T): T {
  try {
    return convert()
  } catch (thrown) {
    throw Refusal.at(thrown, step)
  }
}

function tagged(type: Tagged['$hf'], value: unknown): Tagged {
  return { [TAG]: type, value }
}
