import { describe, expect, test } from 'vitest'
import { usd } from '../usd.ts'
import { ApprovalDeniedError } from './approval-denied-error.ts'
import { ApprovalRequiredError } from './approval-required-error.ts'
import { BudgetExceededError } from './budget-exceeded-error.ts'
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
import { LimitExceededError } from './limit-exceeded-error.ts'
import { LOOP_DETECTORS, LoopDetectedError } from './loop-detected-error.ts'
import { NoRunError } from './no-run-error.ts'
import { NotAppliedError } from './not-applied-error.ts'
import { NotSerializableError } from './not-serializable-error.ts'
import { NotSupportedError } from './not-supported-error.ts'
import { OutputCutOffError } from './output-cut-off-error.ts'
import { RateLimitedError } from './rate-limited-error.ts'
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
import { TurnLimitError } from './turn-limit-error.ts'
import { UnboundedCallError } from './unbounded-call-error.ts'
import { UnknownPriceError } from './unknown-price-error.ts'
import { UnmeteredRequestError } from './unmetered-request-error.ts'

const SECRET = 'sk-secret-4711'
const original = serializeError(new RangeError(`the card ${SECRET} was refused`))
const effect = { tool: 'charge', key: '1.abc' }
const budget = {
  ...{ scope: 'run:order-42', limit: usd(2), spent: usd('1.9'), held: usd('0.05'), requested: usd('0.12') },
  ...{ model: 'gpt-5', waitingHelps: false, resetsAt: null },
}
const limit = {
  ...{ scope: 'user:ann', limit: 1_000, spent: 900, held: 50, requested: 80, tool: null, model: 'gpt-5' },
  ...{ ofTool: false, waitingHelps: false, resetsAt: null },
}
const rate = { scope: 'ledger', of: 'calls', limit: 60, perMs: 60_000, requested: 1, tool: null, model: null } as const

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
  new BudgetExceededError(budget),
  new BudgetExceededError({ ...budget, scope: 'loose:s1', model: null, waitingHelps: true }),
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
  ...LOOP_DETECTORS.map(
    (detector) =>
      new LoopDetectedError({
        tool: 'search',
        callCount: 6,
        signature: `search|{"query":"${SECRET}"}`,
        pattern: 'search',
        detector,
        windowMs: detector === 'window' ? 60_000 : undefined,
        runId: detector === 'cycle' ? undefined : 'r',
      }),
  ),
  new LimitExceededError({ ...limit, what: 'tokens', resetsAt: 1_795_176_000_000 }),
  new LimitExceededError({ ...limit, what: 'effects', tool: 'charge', model: null, ofTool: true }),
  new LimitExceededError({ ...limit, what: 'wall' }),
  new NoRunError('Tool "charge"'),
  new NotAppliedError('The card was declined; nothing was charged. Ask for another one.'),
  new NotSerializableError({ path: 'items[2]', reason: 'a function cannot be stored', value: { token: SECRET } }),
  new NotSupportedError('Compensation'),
  new RateLimitedError({ ...rate, retryAfterMs: 1_500 }),
  new RateLimitedError({ ...rate, of: 'tokens', retryAfterMs: null }),
  new RunAbandonedError({ runId: 'r' }),
  new RunCanceledError({ runId: 'r', cause: new Error(SECRET) }),
  new RunClosedError({ runId: 'r', runStatus: 'completed' }),
  new RunFailedError({ runId: 'r', runStatus: 'failed', original }),
  new RunHaltedError({ runId: 'r', reason: SECRET }),
  new RunInProgressError({ runId: 'r' }),
  new SchemaMissingError({ sql: `CREATE USER x IDENTIFIED BY '${SECRET}'` }),
  new SchemaTooNewError({ found: 7, supported: 2 }),
  new TurnLimitError({
    turns: 8,
    calls: [{ tool: 'search', failed: false }],
    asked: ['ship'],
    messages: [{ role: 'user', content: SECRET }],
    usage: { input: 1 },
  }),
  new UnboundedCallError({
    ...{ provider: 'openai', model: 'gpt-5', scope: 'user:ann' },
    ...{ unboundedBy: ['tools[0]: web_search'], what: 'budget', limit: usd(2) },
  }),
  new OutputCutOffError({ model: 'gpt-5-mini', outputTokens: 1_024 }),
  new UnmeteredRequestError({ method: 'POST', url: 'https://api.openai.com/v1/oracles' }),
  new UnknownPriceError({ provider: 'openai', model: 'gpt-5.7', scope: 'user:ann', limit: usd(2) }),
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

describe('BudgetExceededError', () => {
  test('says whose budget, what is gone of it and by how much it was too little', () => {
    const error = new BudgetExceededError(budget)
    expect(error.message).toBe(
      "A call of gpt-5 could break the budget of 'run:order-42': of $2.00, $1.90 is spent and $0.05 is held for calls in flight, and up to $0.12 is needed, $0.07 too much. It was not sent. To go on, send less, or raise it with ledger.scopes.limit('run:order-42', (present) => …): what that answers replaces all limits that are present, so keep the others and give this one { budget: usd(…) }.",
    )
    expect(error).toMatchObject({ ...budget, overage: usd('0.07'), status: 402 })
  })

  test('of calls outside of runs names the variable', () => {
    expect(new BudgetExceededError({ ...budget, scope: 'loose:s1' }).message).toContain('HOLDFAST_BUDGET')
    expect(new BudgetExceededError({ ...budget, scope: 'loose:s1', waitingHelps: true }).message).toMatch(
      /waitForBudget\. .*HOLDFAST_BUDGET/,
    )
    expect(new BudgetExceededError(budget).message).not.toContain('HOLDFAST_BUDGET')
    for (const scope of ['loose:s1', 'run:order-42']) {
      const facts = { provider: 'openai', model: 'm', scope, limit: usd(1) }
      const errors = [
        new UnknownPriceError(facts),
        new UnboundedCallError({ ...facts, unboundedBy: [], what: 'budget' }),
      ]
      for (const { message } of errors) expect(message.includes('HOLDFAST_BUDGET')).toBe(scope === 'loose:s1')
    }
  })

  test('advises to wait where that helps, and says when there is more', () => {
    expect(new BudgetExceededError({ ...budget, waitingHelps: true }).message).toMatch(/waitForBudget\.$/)
    const resetsAt = Date.UTC(2026, 10, 22)
    expect(new BudgetExceededError({ ...budget, resetsAt }).message).toContain(
      'send less, or wait until 2026-11-22T00:00:00.000Z, or raise',
    )
  })

  test('is never too little by less than nothing', () => {
    expect(new BudgetExceededError({ ...budget, requested: usd(0) }).overage).toBe(0)
  })
})

describe('LimitExceededError', () => {
  test.each([
    [
      'tokens',
      {},
      '1,000 tokens, of which 900 are used and 50 are held for calls in flight, and up to 80 are needed. It',
    ],
    ['tokens', { held: 0 }, 'of which 900 are used, and up to'],
    ['calls', { limit: 1, spent: 1 }, '1 call, and 1 are counted. It was not sent.'],
    ['effects', { tool: 'pay', ofTool: true }, '1,000 effects of "pay", and 900 are counted. It was not executed.'],
    ['effects', { tool: 'pay' }, '1,000 effects, and 900 are counted'],
    ['wall', { limit: 60_000, spent: 61_500 }, '60 s of time, and 61.5 s have passed'],
  ] as const)('on %s measures in its own unit', (what, facts, text) => {
    expect(new LimitExceededError({ ...limit, ...facts, what }).message).toContain(text)
  })
})

test('whoever raises a limit is told to keep the others', () => {
  const facts = { ...limit, scope: 'user:ann', tool: 'pay' }
  const way = "raise it with ledger.scopes.limit('user:ann', (present) => …): what that answers replaces all limits"
  const [all, own] = [false, true].map(
    (ofTool) => new LimitExceededError({ ...facts, what: 'effects', ofTool }).message,
  )
  expect(all).toContain(`${way} that are present, so keep the others and give this one { effects: … }.`)
  expect(own).toContain(
    `${way} that are present, so keep the others and give this one { tools: { "pay": { effects: … } } }.`,
  )
})

describe('RateLimitedError', () => {
  test('says the pace as a person does, and when to come back', () => {
    const message = (facts: object) => new RateLimitedError({ ...rate, retryAfterMs: 1_500, ...facts }).message
    expect(message({})).toContain('60 calls per minute. It was not sent. Ask again in 1.5 s.')
    expect(message({ of: 'effects', limit: 1, perMs: 90_000, tool: 'pay' })).toContain(
      '1 effect per 90 s. It was not exec',
    )
    expect(message({ of: 'tokens', requested: 5_000, retryAfterMs: null })).toContain(
      '5,000 tokens, more than may go at',
    )
  })
})
