import { ConfigError } from '../errors/config-error.ts'

/** JSON never begins with it. */
const MARK = '~'
const SEALED = /^~([A-Za-z0-9._-]{1,64})~([A-Za-z0-9+/]*={0,2})$/

/** A stored value that a codec sealed, taken apart. */
export interface SealedText {
  readonly codec: string
  readonly base64: string
}

export function sealedText({ codec, base64 }: SealedText): string {
  return `${MARK}${codec}${MARK}${base64}`
}

/** Whether a stored value is one that a codec sealed. */
export function isSealed(body: string): boolean {
  return body.startsWith(MARK)
}

/** Undefined if the text has not the form of a sealed value. */
export function readSealed(body: string): SealedText | undefined {
  const [, codec, base64] = SEALED.exec(body) ?? []
  return codec === undefined || base64 === undefined ? undefined : { codec, base64 }
}

/** Why a value that is still sealed cannot be used. */
export function cannotOpen(body: string): ConfigError {
  const { codec } = readSealed(body) ?? { codec: '?' }
  return new ConfigError(
    `A stored value is sealed by the codec '${codec}' and could not be opened: no codec of that id was given, or its key is another one, or the stored text was changed. It was not used, and nothing was done in its place. Give the ledger the codec of that id with its key, such as codec: [current, ${codec}].`,
  )
}
