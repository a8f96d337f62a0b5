import { ConfigError } from '../errors/config-error.ts'

/**
 * Seals the stored values of a ledger, and opens them again.
 *
 * Synchronous on purpose: verbs that are issued together keep their order. Fetch keys before the ledger is made.
 */
export interface Codec {
  /** Stands on everything that it sealed, so that the ledger finds it again: 1 to 64 of A-Z a-z 0-9 . _ - */
  readonly id: string
  encode(plain: Uint8Array): Uint8Array
  /** Throws for bytes that it did not make. */
  decode(sealed: Uint8Array): Uint8Array
}

/** The first seals, all open. */
export type Codecs = Codec | readonly [Codec, ...Codec[]]

const ID = /^[A-Za-z0-9._-]{1,64}$/

/** The codecs as a list. Throws `ConfigError` for what is none. */
export function codecList(where: string, codecs: Codecs): readonly [Codec, ...Codec[]] {
  const list: readonly Codec[] = Array.isArray(codecs) ? codecs : [codecs as Codec]
  const [first, ...others] = list
  if (first === undefined) {
    throw new ConfigError(
      `${where}: \`codec\` is an empty list, and nothing would be encrypted. Leave it out for that.`,
    )
  }
  for (const codec of list) checkCodec(where, codec)
  const twice = list.find(({ id }, index) => list.findIndex((other) => other.id === id) !== index)
  if (twice !== undefined) {
    throw new ConfigError(
      `${where}: two codecs have the id '${twice.id}', so what one sealed would be given to the other. Nothing was opened. Give each key an id of its own.`,
    )
  }
  return [first, ...others]
}

function checkCodec(where: string, codec: Partial<Codec> | null | undefined): void {
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    throw new ConfigError(
      `${where}: \`codec\` must be a codec, such as aesGcm({ id, key }), or a list of them. Nothing was opened.`,
    )
  }
  checkCodecId(where, codec.id)
}

/** Throws `ConfigError` for an id that could not be told from the text around it. */
export function checkCodecId(where: string, id: unknown): void {
  if (typeof id === 'string' && ID.test(id)) return
  throw new ConfigError(
    `${where}: the id of a codec must be 1 to 64 of the characters A-Z a-z 0-9 . _ - (it is written beside every value). Nothing was opened.`,
  )
}
