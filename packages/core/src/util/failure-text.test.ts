import { expect, test } from 'vitest'
import { maskFailure } from './failure-text.ts'

test.each([
  ['timed out after 1032 ms', 'timed out after 998 ms'],
  ['try again in 1.5s', 'try again in 12s'],
  ['overloaded (request id: req_011CSHoEeqs5C35K2UUqR7Fy)', 'overloaded (request id: req_01XyHoEeqs5C35K2UUqR7Aa)'],
  ['at 2026-11-21T10:00:00Z', 'at 2026-11-21T10:00:01Z'],
])('%s is no other failure than %s', (one, other) => {
  expect(maskFailure(one)).toBe(maskFailure(other))
  expect(maskFailure(one)).not.toBe(one)
})

test.each([
  ['12% done', '13% done'],
  ['5 items left', '4 items left'],
  ['order 4711 is not there', 'order 4712 is not there'],
])('%s is another one than %s', (one, other) => {
  expect(maskFailure(one)).not.toBe(maskFailure(other))
})
