import { expect, test } from 'vitest'
import { hiddenPart } from './hidden-usage.ts'

const shown = (event: string) => {
  const [start, end] = hiddenPart(event) ?? [0, 0]
  return event.slice(0, start) + event.slice(end)
}

test.each([
  ['first', '{"usage":null,"id":"a"}', '{"id":"a"}'],
  ['in the middle', '{"id":"a","usage":null,"obfuscation":"b"}', '{"id":"a","obfuscation":"b"}'],
  ['last', '{"id":"a", "usage" : null}', '{"id":"a"}'],
])('a usage that is not told goes with one comma: %s', (_where, event, rest) => {
  expect(shown(event)).toBe(rest)
})

test('a chunk of nothing but usage goes as a whole, any other stays', () => {
  expect(shown('{"choices":[],"usage":{"prompt_tokens":1}}')).toBe('')
  for (const event of [
    '{"choices":[{}],"usage":{"prompt_tokens":1}}',
    '{"choices":[]}',
    '{"content":"\\"usage\\":null,"}',
  ]) {
    expect(shown(event)).toBe(event)
  }
})
