import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { RecordLevel } from '../store/records.ts'
import type { Redact } from './redact.ts'
import { redactFields } from './redact-fields.ts'
import { REDACT_FAILED, type Showing, shownError, shownLiveError, shownValue } from './shown-value.ts'

const about = { kind: 'args', runId: 'r1', tool: 'pay' } as const
const showing = (level: RecordLevel, redact?: Redact): Showing => ({ level, redact, about })
const shown = (value: unknown, level: RecordLevel, redact?: Redact) =>
  shownValue(value, showing(level, redact), () => 'ab')

/** Values whose every leaf says SECRET, in whatever form; names of members do not. */
const secret = fc.nat().map((n) => `SECRET${n}`)
const secrets = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    secret,
    fc.constant(new Date('2019-05-19T00:00:00Z')),
    fc.bigInt({ min: 9_000_000_000n, max: 9_999_999_999n }),
    secret.map((text) => Buffer.from(text)),
    secret.map((text) => new URL(`https://${text}.example`)),
    secret.map((text) => Object.assign(new Error(text), { card: text })),
    secret.map((text) => new Map([[text, text]])),
    secret.map((text) => new Set([text])),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', '$hf', 'value', '__proto__', 'toJSON'), tie('node')),
  ),
})).node

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)) ?? ''
}

describe('a value', () => {
  test('is shown whole at the level full', () => {
    const value = { at: new Date(0) }
    expect(shown(value, 'full')).toBe(value)
  })

  test('keeps its shape at the level redacted, and nothing that was in it', () => {
    expect(shown({ card: '4242', items: [1, { at: new Date(0) }], none: null, ok: true }, 'redacted')).toEqual({
      card: '[redacted]',
      items: ['[redacted]', { at: '[redacted]' }],
      none: '[redacted]',
      ok: '[redacted]',
    })
    expect(shown(undefined, 'redacted')).toBe('[redacted]')
  })

  test('shows no leaf of it at the levels redacted and hash, whatever it is', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom<RecordLevel>('redacted', 'hash'), (value, level) => {
        const text = textOf(shown(value, level))
        expect(text).not.toMatch(/SECRET|2019|9\d{9}|secret/)
        expect(text.replaceAll(/\[redacted\]|"(a|b|\$hf|value|__proto__|toJSON|hash|ab)"|[[\]{}:,"]/g, '')).toBe('')
      }),
      { numRuns: 500 },
    )
  })

  test('is its hash at the level hash', () => {
    expect(shown('4242', 'hash')).toEqual({ $hf: 'hash', value: 'ab' })
  })

  test('goes through the function of the ledger, which learns what it is and does not see what the level hides', () => {
    const seen: unknown[] = []
    const redact: Redact = (...told) => {
      seen.push(told)
      return 'masked'
    }
    for (const level of ['full', 'redacted', 'hash'] as const)
      expect(shown({ card: '4242' }, level, redact)).toBe('masked')
    const expected = [{ card: '4242' }, { card: '[redacted]' }, { $hf: 'hash', value: 'ab' }]
    expect(seen).toEqual(expected.map((value) => [value, about]))
  })

  test.each([
    ['throws', () => fail()],
    ['is asynchronous', async () => '4242'],
    ['rejects', () => Promise.reject(new Error('4242'))],
  ])('is not shown at all where that function %s', (_, redact) => {
    expect(shown('4242', 'full', redact)).toBe(REDACT_FAILED)
  })
})

describe('an error', () => {
  const cause = Object.assign(new TypeError('card 4242'), { card: '4242', code: 'declined', status: 402 })
  const error = serializeError(Object.assign(new Error('charge of 4242', { cause }), { status: 402, code: 'failed' }))

  test('loses its stacks at the level full', () => {
    const seen = shownError(error, showing('full'))
    expect(seen).toMatchObject({ message: 'charge of 4242', cause: { message: 'card 4242', fields: { card: '4242' } } })
    expect(JSON.stringify(seen)).not.toContain('stack')
  })

  test('keeps name, code and status at the level redacted, and name and code at the level hash', () => {
    const marks = { name: 'Error', message: '[redacted]', code: 'failed', fields: {} }
    expect(shownError(error, showing('redacted'))).toEqual({ ...marks, status: 402 })
    expect(shownError(error, showing('hash'))).toEqual(marks)
  })

  test.each([
    [() => undefined, { name: 'Error', message: 'undefined', fields: {} }],
    [() => 'hidden', { name: 'Error', message: 'hidden', fields: {} }],
    [
      () => ({ cause: 'x', errors: 'y', fields: 'z', message: 1, code: 'c' }),
      { name: 'Error', message: '', code: 'c', fields: {} },
    ],
    [
      redactFields(['card', 'message']),
      { message: '[redacted]', cause: { message: '[redacted]', fields: { card: '[redacted]' } } },
    ],
    [redactFields(['cause']), { message: 'charge of 4242', fields: {} }],
  ])('is an error whatever the function of the ledger makes of it (%#)', (redact, expected) => {
    expect(shownError(error, showing('full', redact))).toMatchObject(expected)
  })

  test('is the very one for listeners if nothing is hidden, and one of the same class without its words else', () => {
    const live = new NotAppliedError('card 4242', { cause })
    expect(shownLiveError(live, showing('full'))).toBe(live)
    expect(shownLiveError(undefined, showing('redacted'))).toBeUndefined()
    const seen = shownLiveError(live, showing('redacted'))
    expect(NotAppliedError.isInstance(seen)).toBe(true)
    expect(seen).toMatchObject({ message: '[redacted]', code: 'not-applied' })
    expect(`${(seen as Error).stack} ${JSON.stringify(seen)} ${String((seen as Error).cause)}`).not.toContain('4242')
  })
})

function fail(): never {
  throw new Error('4242')
}
