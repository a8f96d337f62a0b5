import { expect, test } from 'vitest'
import { aesGcm } from './aes-gcm.ts'
import { codecList } from './codec.ts'

const first = aesGcm({ id: 'a', key: Buffer.alloc(32, 1) })
const second = aesGcm({ id: 'b', key: Buffer.alloc(32, 2) })

test('one codec is a list of one, and a list keeps its order', () => {
  expect(codecList('here', first)).toEqual([first])
  expect(codecList('here', [second, first])).toEqual([second, first])
})

test.each([
  [[], 'empty list'],
  [[first, second, first], "two codecs have the id 'a'"],
  [{ id: 'a' }, 'must be a codec'],
  [null, 'must be a codec'],
  [[first, undefined], 'must be a codec'],
  [{ ...first, id: 'a~b' }, 'id of a codec must be'],
])('%j is refused: %s', (codecs, message) => {
  expect(() => codecList('here', codecs as never)).toThrow(message)
  expect(() => codecList('here', codecs as never)).toThrow(/^here: /)
})
