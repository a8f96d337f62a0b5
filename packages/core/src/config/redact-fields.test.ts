import { expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { redactFields } from './redact-fields.ts'

const about = { kind: 'args', runId: 'r1' } as const

test('members of those names are hidden at any depth, whatever is in them', () => {
  const redact = redactFields(['Password', /token$/g])
  const value = {
    user: 'ann',
    PASSWORD: { salt: 1 },
    list: [{ accessToken: 'a', refreshToken: 'b', tokens: 3 }],
    map: new Map<unknown, unknown>([
      ['password', 1],
      [1, { csrftoken: 'c' }],
    ]),
    set: new Set([{ password: 1 }]),
    at: new Date(0),
  }
  expect(redact(value, about)).toEqual({
    user: 'ann',
    PASSWORD: '[redacted]',
    list: [{ accessToken: 'a', refreshToken: 'b', tokens: 3 }],
    map: new Map<unknown, unknown>([
      ['password', '[redacted]'],
      [1, { csrftoken: '[redacted]' }],
    ]),
    set: new Set([{ password: '[redacted]' }]),
    at: new Date(0),
  })
  expect(value.PASSWORD).toEqual({ salt: 1 })
})

test('an expression with flags finds every name, not every other', () => {
  const redact = redactFields([/token$/gi])
  const hidden = { aToken: '[redacted]', bToken: '[redacted]', cToken: '[redacted]' }
  expect(redact({ aToken: 1, bToken: 2, cToken: 3 }, about)).toEqual(hidden)
})

test.each([[[]], ['password'], [[1]], [['']], [undefined]])('%j is refused', (names) => {
  expect(() => redactFields(names as never)).toThrow(ConfigError)
})
