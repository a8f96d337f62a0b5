import { expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { errorBody } from '../errors/serialize.ts'
import { droppedValue } from './dropped-value.ts'
import { recordedError } from './recorded-error.ts'
import { readDelta } from './request-chain.ts'
import { decodeValue } from './value-codec.ts'

const SEALED = '~old-key~c2VhbGVk'

test('a recorded error is read as it was written', () => {
  expect(recordedError(errorBody(new TypeError('no')))).toMatchObject({ name: 'TypeError', message: 'no' })
})

test('one that is still sealed, or damaged, is an error that says so', () => {
  expect(recordedError(SEALED).message).toContain("'old-key'")
  expect(recordedError('{"name":"Ca').message).toContain('damaged')
  expect(recordedError('null').message).toContain('damaged')
})

test('a value that is still sealed is refused by its use, with the id of the codec', () => {
  for (const use of [() => decodeValue(SEALED), () => readDelta(SEALED)]) {
    expect(use).toThrow(ConfigError)
    expect(use).toThrow("'old-key'")
  }
})

test("a value that was dropped is refused by its use, and a user's object that looks like one is not", () => {
  const dropped = droppedValue('ab12')
  for (const use of [() => decodeValue(dropped), () => readDelta(dropped)]) {
    expect(use).toThrow(ConfigError)
    expect(use).toThrow("record: 'hash'")
  }
})
