import { expect, test } from 'vitest'
import { sha256, sha256Hex } from './hash.ts'

test('sha256 gives the known digest of text and of bytes', () => {
  const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(sha256('abc').toString('hex')).toBe(known)
  expect(sha256Hex(Buffer.from('abc'))).toBe(known)
})
