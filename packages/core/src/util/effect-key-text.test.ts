import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { downstreamKey, formatEffectKey, parseEffectKey } from './effect-key-text.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
const owner = fc.oneof(fc.integer(), fc.integer({ min: -40, max: 900 }))

describe('the text of an effect key', () => {
  test('comes back as the same owner and hash', () => {
    fc.assert(
      fc.property(owner, hash, (ownerSeq, key) => {
        expect(parseEffectKey(formatEffectKey(ownerSeq, key))).toEqual({ ownerSeq, key })
      }),
    )
  })

  test('is url-safe and short', () => {
    fc.assert(
      fc.property(owner, hash, (ownerSeq, key) => {
        expect(formatEffectKey(ownerSeq, key)).toMatch(/^[A-Za-z0-9._-]{45,56}$/)
      }),
    )
  })

  test('differs for a run and a scope of the same number', () => {
    const key = Buffer.alloc(32)
    expect(formatEffectKey(1, key)).not.toBe(formatEffectKey(-1, key))
  })

  test.each(['', '1', '1.', '.', 'x', `01.${'A'.repeat(43)}`, `-1.${'A'.repeat(43)}`, `_0.${'A'.repeat(43)}`])(
    '%j is no key',
    (text) => {
      expect(parseEffectKey(text)).toBeUndefined()
    },
  )

  test('a hash that is one character short, one long, or spelled differently is no key', () => {
    const text = formatEffectKey(7, Buffer.alloc(32, 1))
    expect(parseEffectKey(text.slice(0, -1))).toBeUndefined()
    expect(parseEffectKey(`${text}A`)).toBeUndefined()
    expect(parseEffectKey(`7.${'A'.repeat(42)}B`)).toBeUndefined()
  })
})

describe('the downstream key', () => {
  test('is the same for each attempt of a generation, and another for the next one', () => {
    const key = Buffer.alloc(32, 1)
    expect(downstreamKey(key, 1)).toBe(downstreamKey(Buffer.from(key), 1))
    expect(downstreamKey(key, 2)).not.toBe(downstreamKey(key, 1))
    expect(downstreamKey(Buffer.alloc(32, 2), 1)).not.toBe(downstreamKey(key, 1))
  })

  test('fits where idempotency keys go', () => {
    expect(downstreamKey(Buffer.alloc(32), 1)).toMatch(/^hf_[A-Za-z0-9_-]{43}$/)
  })
})
