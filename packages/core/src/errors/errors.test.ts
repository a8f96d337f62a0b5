import { describe, expect, test } from 'vitest'
import { ApprovalDeniedError } from './approval-denied-error.ts'
import { ApprovalRequiredError } from './approval-required-error.ts'
import { CompensationFailedError } from './compensation-failed-error.ts'
import { ConfigError } from './config-error.ts'
import { DivergenceError } from './divergence-error.ts'
import { EffectFailedError } from './effect-failed-error.ts'
import { EffectInProgressError } from './effect-in-progress-error.ts'
import { EffectUnknownError } from './effect-unknown-error.ts'
import { HoldfastError } from './holdfast-error.ts'
import { IdempotencyConflictError } from './idempotency-conflict-error.ts'
import { InvalidArgumentsError } from './invalid-arguments-error.ts'
import { LeaseLostError } from './lease-lost-error.ts'
import { NoRunError } from './no-run-error.ts'
import { NotAppliedError } from './not-applied-error.ts'
import { NotSerializableError } from './not-serializable-error.ts'
import { NotSupportedError } from './not-supported-error.ts'
import { reviveError } from './revive.ts'
import { RunAbandonedError } from './run-abandoned-error.ts'
import { RunCanceledError } from './run-canceled-error.ts'
import { RunClosedError } from './run-closed-error.ts'
import { RunFailedError } from './run-failed-error.ts'
import { RunHaltedError } from './run-halted-error.ts'
import { RunInProgressError } from './run-in-progress-error.ts'
import { SchemaMissingError } from './schema-missing-error.ts'
import { SchemaTooNewError } from './schema-too-new-error.ts'
import { serializeError } from './serialize.ts'
import { STORE_OUTAGES, StoreUnavailableError } from './store-unavailable-error.ts'

const SECRET = 'sk-secret-4711'
const original = serializeError(new RangeError(`the card ${SECRET} was refused`))
const effect = { tool: 'charge', key: '1.abc' }

/** One of each, with the secret wherever a caller's data may stand. */
const samples: HoldfastError[] = [
  new ApprovalDeniedError({ ...effect, runId: 'r', by: 'ann', reason: 'too much.' }),
  new ApprovalDeniedError({ ...effect, runId: 'r', by: null, reason: null }),
  new ApprovalRequiredError({
    ...effect,
    generation: 1,
    runId: 'r',
    reason: 'above 500',
    requestedAt: 1,
    expiresAt: 2,
  }),
  new CompensationFailedError({ runId: 'r', failures: [{ ...effect, error: original }], cause: new Error(SECRET) }),
  new ConfigError('A plain number is no budget. Nothing was started. Write usd(2).'),
  new DivergenceError({ runId: 'r', path: 'messages[2].content', expected: SECRET, actual: [SECRET], position: 3 }),
  new EffectFailedError({ ...effect, original }),
  new EffectInProgressError({ ...effect, leaseUntil: 5 }),
  new EffectInProgressError({ ...effect, cycle: true }),
  new EffectUnknownError({ ...effect, idempotencyKey: 'hf_x', runId: 'r', cause: new Error(SECRET) }),
  new IdempotencyConflictError({ ...effect, path: 'cents' }),
  new IdempotencyConflictError({ key: 'order-1' }),
  new InvalidArgumentsError({ tool: 'charge', issues: [{ path: 'cents', message: 'not a number' }] }),
  new LeaseLostError({ runId: 'r' }),
  new NoRunError('Tool "charge"'),
  new NotAppliedError('The card was declined; nothing was charged. Ask for another one.'),
  new NotSerializableError({ path: 'items[2]', reason: 'a function cannot be stored', value: { token: SECRET } }),
  new NotSupportedError('Compensation'),
  new RunAbandonedError({ runId: 'r' }),
  new RunCanceledError({ runId: 'r', cause: new Error(SECRET) }),
  new RunClosedError({ runId: 'r', runStatus: 'completed' }),
  new RunFailedError({ runId: 'r', runStatus: 'failed', original }),
  new RunHaltedError({ runId: 'r', reason: SECRET }),
  new RunInProgressError({ runId: 'r' }),
  new SchemaMissingError({ sql: `CREATE USER x IDENTIFIED BY '${SECRET}'` }),
  new SchemaTooNewError({ found: 7, supported: 2 }),
  ...STORE_OUTAGES.map(
    (reason) =>
      new StoreUnavailableError({ operation: 'claimEffect', retries: 3, reason, location: `/home/${SECRET}/a.db` }),
  ),
]

describe.each(samples.map((error) => [error.constructor.name, error] as const))('%s', (name, error) => {
  test('is named by its code, is marked and can be told from the others', () => {
    const type = error.constructor as unknown as { code: string; isInstance(error: unknown): boolean }
    expect(`${error.code.split('-').join('')}error`).toBe(name.toLowerCase())
    expect([type.isInstance(error), HoldfastError.isInstance(error), error instanceof HoldfastError]).toEqual([
      true,
      true,
      true,
    ])
    for (const other of samples) expect(type.isInstance(other)).toBe(other.code === error.code)
    expect(error.retryable).toBe(false)
  })

  test('shows clients its code and fields, and no data of the caller', () => {
    const shown = JSON.parse(JSON.stringify(error))
    expect(shown).toMatchObject({ code: error.code, message: expect.any(String), name: expect.any(String) })
    expect(JSON.stringify(shown)).not.toContain(SECRET)
    expect(shown).not.toHaveProperty('stack')
    expect(shown).not.toHaveProperty('cause')
  })

  test('says what to do in sentences that no SDK takes for something to retry', () => {
    for (const message of [error.message, error.toJSON().message]) {
      expect(message).not.toMatch(/timed out|timeout/i)
      expect(message).not.toMatch(/^(Cancel|Abort)/)
      expect(message).toMatch(/\S/)
    }
    expect(error).not.toHaveProperty('is_bubble_up')
  })

  test('is the same error after the store', () => {
    const revived = reviveError(JSON.parse(JSON.stringify(serializeError(error))))
    expect(HoldfastError.isInstance(revived) && revived.code).toBe(error.code)
    expect([revived.name, revived.message]).toEqual([error.name, error.message])
    expect(JSON.stringify(revived)).toBe(JSON.stringify(error))
    expect({ ...revived }).toEqual(JSON.parse(JSON.stringify({ ...error })))
  })
})

describe('EffectFailedError', () => {
  test('carries the words of what the body threw', () => {
    const error = new EffectFailedError({ ...effect, original })
    expect(String(error)).toBe(`RangeError: the card ${SECRET} was refused`)
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(error.original).toBe(original)
  })

  test('keeps the live error as its cause where there is one', () => {
    const live = new Error('live')
    expect(new EffectFailedError({ ...effect, original, cause: live }).cause).toBe(live)
  })
})

describe('NotSerializableError', () => {
  test('hands the live value to the caller and to nobody else', () => {
    const value = { token: SECRET }
    const error = new NotSerializableError({ path: '', reason: 'x', value })
    expect(error.value).toBe(value)
    expect(Object.keys(error)).not.toContain('value')
    expect('value' in new NotSerializableError({ path: '', reason: 'x' })).toBe(false)
  })
})

describe('CompensationFailedError', () => {
  test('keeps the run’s own error as its cause, and lists what is left', () => {
    const cause = new Error('no courier')
    const error = new CompensationFailedError({ runId: 'r', failures: [{ ...effect, error: original }], cause })
    expect(error.cause).toBe(cause)
    expect(error.left).toEqual([{ key: effect.key, tool: effect.tool }])
    expect(error.failures[0]?.error).toBe(original)
    expect(JSON.stringify(error)).not.toContain('failures')
  })

  test('has no cause where the run itself had not failed', () => {
    expect('cause' in new CompensationFailedError({ runId: 'r', failures: [] })).toBe(false)
  })
})

describe('ApprovalRequiredError', () => {
  test('names the call that decides', () => {
    const approval = { ...effect, generation: 1, runId: 'r', reason: null, requestedAt: 1, expiresAt: null }
    const error = new ApprovalRequiredError(approval)
    expect(error.message).toContain(`ledger.approvals.approve('${effect.key}')`)
    expect(error.approval).toEqual(approval)
    expect(error.status).toBe(202)
  })
})
