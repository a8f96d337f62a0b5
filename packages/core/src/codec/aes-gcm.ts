import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { randomBytes } from '../util/random-bytes.ts'
import { type Codec, checkCodecId } from './codec.ts'

export interface AesGcmOptions {
  /** Stands on every value; a new key needs a new id. */
  readonly id: string
  /** 32 bytes; as text: 64 hexadecimal digits, or base64. */
  readonly key: Uint8Array | string
}

const WHERE = 'aesGcm'
const CIPHER = 'aes-256-gcm'
const FORM = 1
const IV_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const HEAD_BYTES = 1 + IV_BYTES + TAG_BYTES

/**
 * Encryption at rest with AES-256-GCM: every value gets an initialization vector of its own, and cannot be changed
 * unnoticed. `openssl rand -hex 32` makes a key. Throws `ConfigError` for what is no key.
 */
export function aesGcm(options: AesGcmOptions): Codec {
  checkOptionNames(WHERE, options, ['id', 'key'])
  const { id } = options
  checkCodecId(WHERE, id)
  const key = secretKey(options.key)
  return Object.freeze({
    id,
    encode: (plain: Uint8Array) => encrypt(id, key, plain),
    decode: (sealed: Uint8Array) => decrypt(id, key, sealed),
  })
}

/** Form, vector, tag, text. The id is authenticated, so that nothing can be passed off as another codec's. */
function encrypt(id: string, key: KeyObject, plain: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(id))
  const text = [cipher.update(plain), cipher.final()]
  return Buffer.concat([Uint8Array.of(FORM), iv, cipher.getAuthTag(), ...text])
}

function decrypt(id: string, key: KeyObject, sealed: Uint8Array): Uint8Array {
  if (sealed.length < HEAD_BYTES || sealed[0] !== FORM) throw new RangeError('These bytes were not sealed by aesGcm.')
  const iv = sealed.subarray(1, 1 + IV_BYTES)
  const tag = sealed.subarray(1 + IV_BYTES, HEAD_BYTES)
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(id))
  decipher.setAuthTag(tag)
  return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()])
}

/** A copy that neither prints nor serializes; what is wrong with it is said without showing it. */
function secretKey(key: unknown): KeyObject {
  const bytes = typeof key === 'string' ? bytesOf(key) : key
  if (bytes instanceof Uint8Array && bytes.length === KEY_BYTES) return createSecretKey(bytes)
  throw new ConfigError(
    `${WHERE}: the key must be ${KEY_BYTES} bytes, or a text of 64 hexadecimal digits or of base64 that stands for as many. Nothing was opened. Make one with: openssl rand -hex 32`,
  )
}

function bytesOf(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined
}
