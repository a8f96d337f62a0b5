import { expect, test } from 'vitest'
import { isWellFormed } from './well-formed.ts'

test('isWellFormed finds half a surrogate pair', () => {
  expect([isWellFormed('a😀'), isWellFormed('a\ud83d'), isWellFormed('\ude00\ud83d')]).toEqual([true, false, false])
})
