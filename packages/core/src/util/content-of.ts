import { types } from 'node:util'

/**
 * What tells a value apart whose members do not: bytes, a pattern, an error, the name and size of a file, the bytes of
 * which nobody can read at once. Undefined for anything else.
 */
export function contentOf(value: object): unknown {
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value)
  if (types.isRegExp(value) || value instanceof URLSearchParams) return String(value)
  if (types.isNativeError(value)) return { ...value, name: value.name, message: value.message }
  if (!(value instanceof Blob)) return undefined
  const { size, type } = value
  return { size, type, name: 'name' in value ? value.name : undefined }
}
