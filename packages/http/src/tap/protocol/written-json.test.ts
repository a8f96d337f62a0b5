import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WrittenJson } from './written-json.ts'

test('an object is whole with its last letter, and not before, however it is cut', () => {
  fc.assert(
    fc.property(fc.object(), fc.integer({ min: 1, max: 7 }), (value, size) => {
      const text = JSON.stringify(value)
      const written = new WrittenJson()
      for (let at = 0; at < text.length; at += size)
        expect(written.add(text.slice(at, at + size))).toBe(at + size >= text.length)
    }),
  )
})

test.each(['', ' \n'])('nothing but %j is not whole', (text) => {
  expect(new WrittenJson().add(text)).toBe(false)
})
