import { Buffer } from 'node:buffer'
import type { Codec } from '../../codec/codec.ts'
import { isSealed, readSealed, sealedText } from '../../codec/sealed-text.ts'
import { ConfigError } from '../../errors/config-error.ts'
import type { Body } from '../records.ts'
import { BODY_NAMES } from './bodies.ts'

/** Seals bodies with the first codec, and opens those of all. */
export class Sealer {
  readonly #first: Codec
  readonly #byId: ReadonlyMap<string, Codec>

  constructor(codecs: readonly [Codec, ...Codec[]]) {
    this.#first = codecs[0]
    this.#byId = new Map(codecs.map((codec) => [codec.id, codec]))
  }

  /** What is sealed already, because it could not be opened, is passed on as it is. */
  readonly seal = (body: Body): Body => {
    if (isSealed(body)) return body
    const { id } = this.#first
    const sealed = encoded(this.#first, Buffer.from(body))
    return sealedText({
      codec: id,
      base64: Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length).toString('base64'),
    })
  }

  /**
   * What cannot be opened stays as it is: a list must not end at one value, and a verb that has changed something must
   * not answer that it failed. Whoever needs the value is refused by `decodeValue`.
   */
  readonly unseal = (body: Body): Body => {
    if (!isSealed(body)) return body
    return this.#open(body) ?? body
  }

  /**
   * The same for the body of an entry: the store puts sealed values into its JSON as texts. A text under any other name
   * is somebody's own, such as the reason of a decision, and is not opened, whatever it looks like.
   */
  readonly unsealEntry = (body: Body): Body => {
    if (isSealed(body)) return this.unseal(body)
    return body.includes(SEALED_MEMBER) ? this.#unsealMembers(body) : body
  }

  #unsealMembers(body: Body): Body {
    const detail: unknown = JSON.parse(body)
    if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return body
    const members = Object.entries(detail).map(([name, value]) => [
      name,
      BODY_NAMES.has(name) ? this.#member(value) : value,
    ])
    return JSON.stringify(Object.fromEntries(members))
  }

  #member(value: unknown): unknown {
    const plain = typeof value === 'string' && isSealed(value) ? this.#open(value) : undefined
    return plain === undefined ? value : JSON.parse(plain)
  }

  #open(body: Body): Body | undefined {
    const sealed = readSealed(body)
    const codec = sealed === undefined ? undefined : this.#byId.get(sealed.codec)
    if (sealed === undefined || codec === undefined) return undefined
    try {
      return Buffer.from(codec.decode(Buffer.from(sealed.base64, 'base64'))).toString()
    } catch {
      return undefined
    }
  }
}

const SEALED_MEMBER = '":"~'

function encoded(codec: Codec, plain: Uint8Array): Uint8Array {
  let sealed: unknown
  try {
    sealed = codec.encode(plain)
  } catch (cause) {
    throw new ConfigError(
      `The codec '${codec.id}' could not seal a value, so it was not recorded, nor was what it belongs to. Check its key.`,
      { cause },
    )
  }
  if (sealed instanceof Uint8Array) return sealed
  throw new ConfigError(
    `The codec '${codec.id}' did not answer bytes, so nothing was recorded. \`encode\` must return a Uint8Array, and not a promise.`,
  )
}
