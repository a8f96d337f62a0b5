import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  childRunId,
  downstreamKey,
  type EffectKeyParts,
  effectKey,
  formatEffectKey,
  laneOfBody,
  parseEffectKey,
} from './key.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ':', '1:a', '!4!', '\ud800', '\ud801', '\ufffd'),
)
const parts: fc.Arbitrary<EffectKeyParts> = fc.record(
  {
    owner: text,
    tool: text,
    part: fc.record({ kind: fc.constantFrom('custom', 'resource', 'keys', 'args'), json: text }),
    ordinal: fc.nat(20).map(String),
  },
  { requiredKeys: ['owner', 'tool', 'part'] },
)
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
const base: EffectKeyParts = { owner: 'run:1', tool: 'charge', part: { kind: 'args', json: '{}' } }

describe('effectKey', () => {
  test('does not change from version to version', () => {
    expect(effectKey(base).toString('hex')).toMatchInlineSnapshot(
      `"707e43a409e96fe33d5ebea36c3039470c21b86be53728537ed6763dd4bbc64a"`,
    )
  })

  test('is equal for equal parts and for no others', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(effectKey(one)).toEqual(effectKey(structuredClone(one)))
        const same = JSON.stringify(ordered(one)) === JSON.stringify(ordered(other))
        expect(effectKey(one).equals(effectKey(other))).toBe(same)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['a character moves from one part to the next', { owner: 'run:1c', tool: 'harge' }],
    ['a part contains what separates parts', { owner: 'run:1:6:charge', tool: '' }],
    ['only the kind differs', { part: { kind: 'custom', json: '{}' } }],
    ['only the ordinal differs', { ordinal: '1' }],
  ] as const)('differs when %s', (_, change) => {
    expect(effectKey({ ...base, ...change }).equals(effectKey(base))).toBe(false)
  })

  test('tells two lone surrogates apart that UTF-8 would make one', () => {
    const keys = ['\ud800', '\ud801', '\ufffd'].map((tool) => effectKey({ ...base, tool }).toString('hex'))
    expect(new Set(keys).size).toBe(3)
  })
})

function ordered({ owner, tool, part, ordinal }: EffectKeyParts): unknown {
  return [owner, tool, part.kind, part.json, ordinal]
}

describe('downstreamKey', () => {
  test('is short, url-safe, and new for each generation of each key', () => {
    fc.assert(
      fc.property(hash, hash, fc.nat(99), fc.nat(99), (one, other, generation, another) => {
        const key = downstreamKey(one, generation)
        expect(key).toMatch(/^hf_[\w-]{1,61}$/)
        expect(key === downstreamKey(other, another)).toBe(one.equals(other) && generation === another)
      }),
    )
  })
})

describe('the public form of a key', () => {
  test('gives back what it was made from', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), hash, (ownerSeq, key) => {
        expect(parseEffectKey(formatEffectKey(ownerSeq, key))).toEqual({ ownerSeq: ownerSeq + 0, key })
      }),
    )
  })

  test('keeps an owner below zero apart from one whose digits begin alike', () => {
    const key = effectKey(base)
    const texts = Array.from({ length: 3_000 }, (_, index) => formatEffectKey(index - 1_500, key))
    expect(new Set(texts).size).toBe(texts.length)
  })

  test('reads one spelling of a key only, and nothing else', () => {
    const good = formatEffectKey(7, Buffer.alloc(32))
    const bad = [
      '',
      '7',
      `0${good}`,
      `_0${good.slice(1)}`,
      `${good.slice(0, -1)}B`,
      `${good}A`,
      good.replace('7', 'Z'),
      ` ${good}`,
    ]
    expect(parseEffectKey(good)).toEqual({ ownerSeq: 7, key: Buffer.alloc(32) })
    expect(bad.map(parseEffectKey)).toEqual(bad.map(() => undefined))
  })
})

describe('lanes and children', () => {
  test('a body has a lane of its own for each place, key and generation', () => {
    const key = effectKey(base)
    const lanes = [
      laneOfBody('', key, 1),
      laneOfBody('', key, 2),
      laneOfBody('other', key, 1),
      laneOfBody('', effectKey({ ...base, tool: 'refund' }), 1),
    ]
    expect(new Set(lanes).size).toBe(4)
    for (const lane of lanes) expect(lane).toMatch(/^[\w-]{22}$/)
  })

  test('a child is found again by its place, name, input and ordinal', () => {
    const ids = [
      childRunId('order-1', '', 'mail', '{}', 1),
      childRunId('order-1', '', 'mail', '{}', 2),
      childRunId('order-1', '', 'mail', '[]', 1),
      childRunId('order-1', 'lane', 'mail', '{}', 1),
    ]
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^order-1\/mail-[\w-]{10}$/)
    expect(childRunId('order-1', '', 'mail', '{}', 1)).toBe(ids[0])
  })
})
