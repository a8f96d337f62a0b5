import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refusesStreamOptions, wantsUsage, withStreamUsage } from './stream-usage.ts'

const SEED = 5_120
const asked = { include_usage: true }

function spliced(text: string): string | undefined {
  return withStreamUsage(text, JSON.parse(text))
}

// Texts that look like the structure around them.
const trickyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    'stream',
    '"stream":true',
    '{"stream_options":',
    '}',
    '\\',
    '\\"',
    '\\\\"',
    ',',
    '],[',
    'stream_options',
  ),
)
const name = fc.oneof(trickyText, fc.constantFrom('messages', 'model', 'include_usage'))
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    trickyText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value
const ownOptions = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.record({ include_usage: fc.constantFrom(false, null), include_obfuscation: fc.boolean() }, { requiredKeys: [] }),
  fc.dictionary(
    name.filter((key) => key !== 'include_usage'),
    anyValue,
    { maxKeys: 3, noNullPrototype: true },
  ),
)
const members = fc.dictionary(
  name.filter((key) => key !== 'stream' && key !== 'stream_options' && key !== '__proto__'),
  anyValue,
  { maxKeys: 5, noNullPrototype: true },
)
/** The members in any order, written in any way. */
const request = fc
  .tuple(members, ownOptions, fc.nat(), fc.nat(), fc.constantFrom(undefined, 1, 2, '\t'))
  .map(([others, options, first, second, space]) => {
    const entries = Object.entries(others)
    entries.splice(first % (entries.length + 1), 0, ['stream', true])
    if (options !== undefined) entries.splice(second % (entries.length + 1), 0, ['stream_options', options])
    const text = JSON.stringify(Object.fromEntries(entries), undefined, space)
    return { body: JSON.parse(text) as Record<string, unknown>, text }
  })

describe('withStreamUsage', () => {
  test('adds the option and changes nothing else', () => {
    fc.assert(
      fc.property(request, ({ body, text }) => {
        const own = body.stream_options ?? {}
        expect(JSON.parse(spliced(text) ?? '')).toEqual({ ...body, stream_options: { ...own, ...asked } })
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  test('leaves every byte of what is there as it is', () => {
    const added = '"stream_options":{"include_usage":true},'
    fc.assert(
      fc.property(request, ({ body, text }) => {
        fc.pre(body.stream_options === undefined)
        expect(spliced(text)).toBe(`{${added}${text.slice(1)}`)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  test.each([
    ['{"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
    [' \n{ "stream" : true }', ' \n{"stream_options":{"include_usage":true}, "stream" : true }'],
    [
      '{"n":1e400,"a":1.10,"stream":true}',
      '{"stream_options":{"include_usage":true},"n":1e400,"a":1.10,"stream":true}',
    ],
    ['{"stream":true,"stream_options":{}}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    ['{"stream_options" : null , "stream":true}', '{"stream_options" : {"include_usage":true} , "stream":true}'],
    [
      '{"stream_options":{"include_usage":false},"big":12345678901234567890,"stream":true}',
      '{"stream_options":{"include_usage":true},"big":12345678901234567890,"stream":true}',
    ],
    [
      '{"a":"\\"stream_options\\":{","stream":true,"stream\\u005foptions":{"x":"}"}}',
      '{"a":"\\"stream_options\\":{","stream":true,"stream\\u005foptions":{"x":"}","include_usage":true}}',
    ],
    [
      '{"a":{"stream_options":{}},"stream":true,"stream_options":{}}',
      '{"a":{"stream_options":{}},"stream":true,"stream_options":{"include_usage":true}}',
    ],
    // The last of two is the one that counts.
    [
      '{"stream_options":{"include_usage":true},"stream":true,"stream_options":{}}',
      '{"stream_options":{"include_usage":true},"stream":true,"stream_options":{"include_usage":true}}',
    ],
  ])('%s becomes %s', (text, expected) => {
    expect(spliced(text)).toBe(expected)
  })

  test.each([
    '{"stream":false}',
    '{"model":"m"}',
    '{"stream":"true"}',
    '{"messages":[{"content":"\\"stream\\":true"}]}',
    '{"stream":true,"stream_options":{"include_usage":true}}',
    '[]',
    '"stream"',
    'null',
  ])('leaves %s alone', (text) => {
    expect(spliced(text)).toBeUndefined()
  })

  test('takes no time that grows faster than the request', () => {
    const text = JSON.stringify({ a: ['\\"{['.repeat(500_000)], stream: true, stream_options: {} })
    expect(spliced(text)?.length).toBe(text.length + '"include_usage":true'.length)
  })
})

test.each([
  [{ stream_options: { include_usage: true } }, true],
  [{ stream_options: { include_usage: false } }, false],
  [{ stream_options: null }, false],
  [{}, false],
  [undefined, false],
])('of %j it is %s that the usage is asked for', (body, expected) => {
  expect(wantsUsage(body)).toBe(expected)
})

test.each([
  [400, '{"error":{"message":"Unknown parameter: \'stream_options\'."}}', true],
  [422, '{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"]}]}', true],
  [400, '{"error":{"message":"include_usage is not supported"}}', true],
  [400, '{"error":{"message":"messages is missing"}}', false],
  [401, 'stream_options', false],
  [500, 'stream_options', false],
  [200, 'stream_options', false],
])('%i with %s: %s', (status, text, expected) => {
  expect(refusesStreamOptions(status, text)).toBe(expected)
})
