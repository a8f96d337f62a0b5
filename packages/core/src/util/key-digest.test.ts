import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyDigest } from './key-digest.ts'

const parts = fc.array(fc.oneof(fc.string(), fc.constantFrom('', ':', '1:', ':1:', '\uD800', '"\\ud800"')), {
  maxLength: 4,
})

test('two lists of parts share a digest only if they are equal', () => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const equal = JSON.stringify(one) === JSON.stringify(other)
      expect(keyDigest(...one).equals(keyDigest(...other))).toBe(equal)
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  [['a', 'b'], ['ab']],
  [['a', ''], ['a']],
  [['\uD800'], ['\uFFFD']],
  [['\uD800'], ['"\\ud800"']],
])('%j and %j differ', (one, other) => {
  expect(keyDigest(...one).equals(keyDigest(...other))).toBe(false)
})
