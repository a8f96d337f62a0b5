import { Buffer } from 'node:buffer'
import { reviveError } from '../errors/revive.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import { assertNever } from '../util/assert-never.ts'
import { wasDropped } from './dropped-value.ts'

/** The property that makes an object a tag: `{ "$hf": "date", "value": 0 }`. */
export const TAG = '$hf'

/** A value that JSON has no form of its own for. */
export interface Tagged {
  $hf:
    | 'undefined'
    | 'number'
    | 'bigint'
    | 'date'
    | 'bytes'
    | 'buffer'
    | 'map'
    | 'set'
    | 'url'
    | 'error'
    | 'object'
    | 'hash'
  value: unknown
}

/** Gives back what tags stand for, everywhere in a value that JSON was parsed to. */
export function untag(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(untag)
  return Object.hasOwn(json, TAG) ? revive(json as Tagged) : members(json)
}

function members(json: object): Record<string, unknown> {
  const pairs = Object.entries(json)
  // fromEntries defines, where an assignment to `__proto__` would set the prototype.
  return Object.fromEntries(pairs.map(([key, value]) => [key, untag(value)]))
}

function revive({ $hf: type, value }: Tagged): unknown {
  switch (type) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(value)
    case 'bigint':
      return BigInt(value as string)
    case 'date':
      return new Date((value as number | null) ?? Number.NaN)
    case 'bytes':
      return Uint8Array.from(Buffer.from(value as string, 'base64'))
    case 'buffer':
      return Buffer.from(value as string, 'base64')
    case 'map':
      return new Map((value as unknown[]).map((pair) => untag(pair) as [unknown, unknown]))
    case 'set':
      return new Set((value as unknown[]).map(untag))
    case 'url':
      return new URL(value as string)
    case 'error':
      return reviveError(value as SerializedError)
    case 'object':
      return members(value as object)
    case 'hash':
      throw wasDropped()
    default:
      return assertNever(type)
  }
}
