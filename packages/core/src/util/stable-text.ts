import { types } from 'node:util'
import { classNameOf } from './class-name.ts'
import { contentOf } from './content-of.ts'
import { sha256Hex } from './hash.ts'

/**
 * One text for equal values, keys sorted, for comparing them. Never throws: what JSON lacks gets a stable placeholder.
 */
export function stableText(value: unknown): string {
  try {
    return write(value, [])
  } catch {
    return '"[unreadable]"'
  }
}

function write(value: unknown, ancestors: object[]): string {
  switch (typeof value) {
    case 'object':
      return value === null ? 'null' : writeObject(value, ancestors)
    case 'function':
      return JSON.stringify(`[function ${value.name}]`)
    case 'symbol':
    case 'bigint':
      return JSON.stringify(`[${typeof value} ${String(value)}]`)
    default:
      return JSON.stringify(value) ?? 'null'
  }
}

function writeObject(value: object, ancestors: object[]): string {
  if (ancestors.includes(value)) return '"[circular]"'
  ancestors.push(value)
  const text = writeContent(value, ancestors)
  ancestors.pop()
  return text
}

function writeContent(value: object, ancestors: object[]): string {
  if (Array.isArray(value)) return `[${value.map((item) => write(item, ancestors)).join(',')}]`
  if (ArrayBuffer.isView(value)) return writeBytes(value)
  if (types.isMap(value) || types.isSet(value)) return write([...value], ancestors)
  const content = contentOf(value)
  if (content !== undefined) return write([classNameOf(value), content], ancestors)
  const toJson: unknown = (value as { toJSON?: unknown }).toJSON
  if (typeof toJson === 'function') return write(toJson.call(value, ''), ancestors)
  return writeMembers(value as Record<string, unknown>, ancestors)
}

function writeMembers(value: Record<string, unknown>, ancestors: object[]): string {
  const present = Object.keys(value).filter((key) => value[key] !== undefined)
  const members = present.sort().map((key) => `${JSON.stringify(key)}:${write(value[key], ancestors)}`)
  // A signal, a client, a class without data of its own: its name is all that is stable about it.
  if (members.length === 0 && classNameOf(value) !== 'Object') return JSON.stringify(`[${classNameOf(value)}]`)
  return `{${members.join(',')}}`
}

function writeBytes(view: ArrayBufferView): string {
  const content = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return `"[bytes ${content.byteLength} ${sha256Hex(content)}]"`
}
