import { NotAppliedError } from 'holdfast'
import { expect, test } from 'vitest'
import { bounded, failureText, resultText } from './answer-text.ts'

test.each<[unknown, string]>([
  [{ id: 'ch_1', cents: 5 }, '{"id":"ch_1","cents":5}'],
  ['sunny', 'sunny'],
  [null, 'null'],
  [undefined, 'Done. It returned nothing.'],
  [
    { at: new Date(0), size: 5n, all: new Set([1]), by: new Map([['a', 1]]) },
    '{"at":"1970-01-01T00:00:00.000Z","size":"5","all":[1],"by":{"a":1}}',
  ],
  [Number.POSITIVE_INFINITY, '"Infinity"'],
  [[new TypeError('no')], '[{"name":"TypeError","message":"no"}]'],
])('a model reads the result %s as %s', (result, text) => {
  expect(resultText(result)).toBe(text)
})

test('a result that is no JSON does not stop the loop', () => {
  const circle: { self?: object } = {}
  circle.self = circle
  expect(resultText(circle)).toBe('Done. What it returned cannot be shown as JSON.')
})

test.each<[unknown, string]>([
  [new NotAppliedError('The card was declined.'), 'NotAppliedError: The card was declined.'],
  [new TypeError('no'), 'TypeError: no'],
  ['boom', 'Error: boom'],
  [null, 'Error: null'],
  [{ reason: 'none' }, 'Error: {"reason":"none"}'],
])('a model reads the failure %s as %s', (error, text) => {
  expect(failureText(error)).toBe(text)
})

test('what is too long is cut off between characters, and says so', () => {
  expect(bounded('abc', 3)).toBe('abc')
  expect(bounded('ab😀', 3)).toBe('ab\ufffd\n\n[Cut off: these are 3 of 4 characters.]')
})
