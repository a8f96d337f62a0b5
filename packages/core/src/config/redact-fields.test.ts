import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
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

test('members of an error in a value are hidden too, at any depth, and it stays the error that it was', () => {
  const redact = redactFields(['card', 'note'])
  const cause = Object.assign(new RangeError('too much'), { tries: [{ card: '4242' }] })
  const declined = Object.assign(new NotAppliedError('declined', { cause }), { card: '4242', left: 3 })
  const all = new AggregateError([Object.assign(new Error('one'), { note: 'tea' })], 'all')
  const shown = redact({ errors: [declined, all] }, about) as { errors: [Error & { toJSON(): object }, AggregateError] }
  const [error, several] = shown.errors
  expect(inspect(shown, { depth: 20, showHidden: true })).not.toMatch(/4242|tea/)
  expect(JSON.stringify(error.toJSON())).toContain('"card":"[redacted]","left":3')
  expect(error).toMatchObject({ name: 'NotAppliedError', message: 'declined', card: '[redacted]', left: 3 })
  expect([NotAppliedError.isInstance(error), error.cause]).toEqual([true, expect.any(RangeError)])
  expect(error.cause).toMatchObject({ message: 'too much', tries: [{ card: '[redacted]' }] })
  expect([several.message, several.errors[0]]).toMatchObject(['all', { message: 'one', note: '[redacted]' }])
  expect([declined.card, cause.tries]).toEqual(['4242', [{ card: '4242' }]])
})

test.each(['message', 'code', 'status', 'cause', 'errors'])(
  "and so is an error's own %s, its stack with it",
  (name) => {
    const inner = new Error('of 4242')
    const facts = { message: ['4242'], code: [''], status: [''], cause: ['', { cause: inner }], errors: [''] }[name]
    const [message = '', options] = facts as [string, ErrorOptions?]
    const error = name === 'errors' ? new AggregateError([inner], '') : new Error(message, options)
    if (name === 'code' || name === 'status') Object.assign(error, { [name]: name === 'code' ? 'E4242' : 4242 })
    const seen = inspect(redactFields([name])([error], about), { depth: 20, showHidden: true })
    expect([inspect([error]).includes('4242'), seen.includes('4242')]).toEqual([true, false])
  },
)

test.each([[[]], ['password'], [[1]], [['']], [undefined]])('%j is refused', (names) => {
  expect(() => redactFields(names as never)).toThrow(ConfigError)
})
