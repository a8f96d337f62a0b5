import { Buffer } from 'node:buffer'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { aesGcm } from './aes-gcm.ts'

const KEY = Buffer.alloc(32, 7)
const OTHER = Buffer.alloc(32, 8)

describe('AES-256-GCM', () => {
  const codec = aesGcm({ id: 'k1', key: KEY })

  test('gives back what it sealed, and never seals twice alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (plain) => {
        const sealed = codec.encode(plain)
        expect(Buffer.from(codec.decode(sealed))).toEqual(Buffer.from(plain))
        expect(Buffer.from(codec.encode(plain))).not.toEqual(Buffer.from(sealed))
      }),
    )
  })

  test('refuses what was changed in any byte, cut or lengthened', () => {
    const sealed = codec.encode(Buffer.from('a secret'))
    for (const index of sealed.keys()) {
      const changed = Uint8Array.from(sealed, (byte, at) => (at === index ? byte ^ 1 : byte))
      expect(() => codec.decode(changed)).toThrow()
    }
    for (let length = 0; length < sealed.length; length++) expect(() => codec.decode(sealed.slice(0, length))).toThrow()
    expect(() => codec.decode(Buffer.concat([sealed, Buffer.of(0)]))).toThrow()
  })

  test('refuses what another key sealed, and what the same key sealed under another id', () => {
    const sealed = codec.encode(Buffer.from('a secret'))
    expect(() => aesGcm({ id: 'k1', key: OTHER }).decode(sealed)).toThrow()
    expect(() => aesGcm({ id: 'k2', key: KEY }).decode(sealed)).toThrow()
  })

  test('takes the key as bytes, as hexadecimal digits and as base64', () => {
    const sealed = codec.encode(Buffer.from('a secret'))
    const keys = [Uint8Array.from(KEY), KEY.toString('hex'), KEY.toString('base64'), KEY.toString('base64url')]
    for (const key of keys) expect(Buffer.from(aesGcm({ id: 'k1', key }).decode(sealed)).toString()).toBe('a secret')
  })

  test('keeps a copy of the key: whoever made it may wipe it', () => {
    const key = Buffer.from(KEY)
    const kept = aesGcm({ id: 'k1', key })
    key.fill(0)
    expect(Buffer.from(kept.decode(codec.encode(Buffer.from('a secret')))).toString()).toBe('a secret')
  })

  test.each([
    ['a short key', Buffer.alloc(16, 7)],
    ['a long key', Buffer.alloc(33, 7)],
    ['a word', 'correct horse battery staple'],
    ['63 digits', `${'ab'.repeat(31)}a`],
    ['nothing', undefined],
    ['an array of numbers', Array.from({ length: 32 }, () => 7)],
  ])('refuses %s as a key, without showing it', (_, key) => {
    const made = () => aesGcm({ id: 'k1', key: key as never })
    expect(made).toThrow(ConfigError)
    expect(made).toThrow(/32 bytes.*openssl/)
    expect(made).not.toThrow(/horse|abab/)
  })

  test('shows its key to nobody', () => {
    const shown = [JSON.stringify(codec), inspect(codec, { depth: 9, showHidden: true }), String(codec)].join()
    expect(shown).not.toMatch(/0707|BwcH|7, 7/)
  })

  test.each(['', 'a~b', 'a b', 'x'.repeat(65), 1])('refuses the id %j', (id) => {
    expect(() => aesGcm({ id: id as string, key: KEY })).toThrow(ConfigError)
  })

  test('refuses an option that it does not have', () => {
    expect(() => aesGcm({ id: 'k1', key: KEY, iv: Buffer.alloc(12) } as never)).toThrow("no option 'iv'")
  })
})
