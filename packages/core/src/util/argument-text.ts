import { types } from 'node:util'
import { classNameOf } from './class-name.ts'
import { contentOf } from './content-of.ts'
import { sha256Hex } from './hash.ts'

/** A server's request, with all that hangs on it, has some hundreds. */
const MAX_OBJECTS = 10_000

/**
 * One text for equal arguments of whatever kind, keys sorted; that of plain data is the one that keys are made of. Each
 * object is gone through once. Empty for no arguments, undefined for what is too large to tell, or cannot be read.
 */
export function argumentText(value: unknown): string | undefined {
  if (value === undefined) return ''
  try {
    return new ArgumentText().write(value)
  } catch {
    return undefined
  }
}

const hidden = new WeakMap<object, number>()
let hiddenSeen = 0

class ArgumentText {
  readonly #seen = new Map<object, number>()

  write(value: unknown): string {
    switch (typeof value) {
      case 'object':
        return value === null ? 'null' : this.#writeOnce(value)
      case 'function':
        return JSON.stringify(`[function ${value.name}]`)
      case 'symbol':
      case 'bigint':
        return JSON.stringify(`[${typeof value} ${String(value)}]`)
      case 'number':
        return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(`[number ${value}]`)
      default:
        return JSON.stringify(value) ?? 'null'
    }
  }

  /** By its number from the second time on: written out again, what refers to each other would never end. */
  #writeOnce(value: object): string {
    const number = this.#seen.get(value)
    if (number !== undefined) return `"[object ${number}]"`
    if (this.#seen.size >= MAX_OBJECTS) throw new RangeError('too large to tell')
    this.#seen.set(value, this.#seen.size + 1)
    return this.#writeContent(value)
  }

  #writeContent(value: object): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.write(item)).join(',')}]`
    if (ArrayBuffer.isView(value)) return bytesText(value)
    if (types.isMap(value) || types.isSet(value)) return this.write([...value])
    const content = contentOf(value)
    if (content !== undefined) return this.write([classNameOf(value), content])
    const toJson: unknown = (value as { toJSON?: unknown }).toJSON
    if (typeof toJson === 'function') return this.write(toJson.call(value, ''))
    return this.#writeMembers(value as Record<string, unknown>)
  }

  #writeMembers(value: Record<string, unknown>): string {
    const members: string[] = []
    for (const key of Object.keys(value).sort()) {
      const member = value[key]
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${this.write(member)}`)
    }
    if (members.length === 0 && classNameOf(value) !== 'Object') return JSON.stringify(`[${hiddenText(value)}]`)
    return `{${members.join(',')}}`
  }
}

/** A client, a class with private data: nobody knows what is in it, so that it is only the same as itself. */
function hiddenText(value: object): string {
  // Of these each call has one of its own, which says nothing about it.
  if (value instanceof AbortSignal) return classNameOf(value)
  const number = hidden.get(value) ?? ++hiddenSeen
  hidden.set(value, number)
  return `${classNameOf(value)} ${number}`
}

function bytesText(view: ArrayBufferView): string {
  const content = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return `"[bytes ${content.byteLength} ${sha256Hex(content)}]"`
}
