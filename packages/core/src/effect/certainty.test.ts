import { describe, expect, test } from 'vitest'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { EffectFailedError } from '../errors/effect-failed-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { NoRunError } from '../errors/no-run-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { RateLimitedError } from '../errors/rate-limited-error.ts'
import { serializeError } from '../errors/serialize.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { UnboundedCallError } from '../errors/unbounded-call-error.ts'
import { UnknownPriceError } from '../errors/unknown-price-error.ts'
import { usd } from '../usd.ts'
import { type Certainty, certaintyOf } from './certainty.ts'

const asked = { key: 'k', tool: 't', runId: 'r', generation: 1, reason: null, requestedAt: 0, expiresAt: null }
const failed = (cause: unknown) => new Error('wrapped', { cause })
const having = (fields: object) => Object.assign(new Error('x'), fields)
const named = (name: string) => having({ name })
class APIConnectionTimeoutError extends Error {}
const inner = { tool: 't', key: 'k', idempotencyKey: 'hf_k', runId: 'r' }

const limited = {
  ...{ scope: 'run:r', limit: usd(1), spent: usd(1), held: usd(0), requested: usd(1) },
  ...{ waitingHelps: false, resetsAt: null },
}
const unpriced = { provider: 'p', model: 'm', scope: 'run:r' }
const tooFast = {
  ...{ scope: 'run:r', of: 'calls' as const, limit: 1, perMs: 1_000, requested: 1, tool: null, model: null },
  retryAfterMs: 5,
}

const cases: [string, unknown, Certainty][] = [
  ['NotAppliedError', new NotAppliedError('no'), 'not_applied'],
  ['a wrapped NotAppliedError', failed(new NotAppliedError('no')), 'not_applied'],
  [
    'NotAppliedError over a reset, since the tool knows',
    new NotAppliedError('no', { cause: having({ code: 'ECONNRESET' }) }),
    'not_applied',
  ],
  ['refused arguments', new InvalidArgumentsError({ tool: 't', issues: [] }), 'not_applied'],
  ['400', having({ status: 400 }), 'not_applied'],
  ['402 as statusCode', having({ statusCode: 402 }), 'not_applied'],
  ['404 of a response', having({ response: { status: 404 } }), 'not_applied'],
  ['422 in a cause', failed(failed(having({ status: 422 }))), 'not_applied'],
  ['429', having({ status: 429 }), 'not_applied'],
  ['408', having({ status: 408 }), 'in_doubt'],
  ['409', having({ status: 409 }), 'in_doubt'],
  ['500', having({ status: 500 }), 'in_doubt'],
  ['503 of a response', having({ response: { status: 503 } }), 'in_doubt'],
  ['a reset', having({ code: 'ECONNRESET' }), 'in_doubt'],
  [
    'what fetch throws at a reset',
    new TypeError('fetch failed', { cause: having({ code: 'ECONNRESET' }) }),
    'in_doubt',
  ],
  [
    'what fetch throws at a closed socket',
    new TypeError('terminated', { cause: having({ code: 'UND_ERR_SOCKET' }) }),
    'in_doubt',
  ],
  ['a late header', having({ code: 'UND_ERR_HEADERS_TIMEOUT' }), 'in_doubt'],
  ['an unreadable answer', having({ code: 'HPE_INVALID_CONSTANT' }), 'in_doubt'],
  ['a broken pipe', having({ code: 'EPIPE' }), 'in_doubt'],
  ['an abort', new DOMException('x', 'AbortError'), 'in_doubt'],
  ['a DOM timeout', AbortSignal.abort(new DOMException('x', 'TimeoutError')).reason, 'in_doubt'],
  ["an SDK's timeout, known by its class only", new APIConnectionTimeoutError('x'), 'in_doubt'],
  ["an SDK's lost connection", named('StripeConnectionError'), 'in_doubt'],
  ['all attempts refused', new AggregateError([having({ status: 400 }), having({ status: 404 })]), 'not_applied'],
  ['one attempt in doubt', new AggregateError([having({ status: 400 }), having({ code: 'ETIMEDOUT' })]), 'in_doubt'],
  ['one attempt that says nothing', new AggregateError([having({ status: 400 }), new Error('x')]), 'assumed'],
  ['a programming error', new TypeError('x is not a function'), 'assumed'],
  ['a refused connection, which an earlier try may have passed', having({ code: 'ECONNREFUSED' }), 'assumed'],
  ['a failed parse of an answer', named('ZodError'), 'assumed'],
  ['a thrown string', 'status: 400', 'assumed'],
  ['null', null, 'assumed'],
  ['a status that is not one', having({ status: '400' }), 'assumed'],
  ['a status outside of errors', having({ status: 200 }), 'assumed'],
  ['an inner effect that waits for a human', new ApprovalRequiredError(asked), 'in_doubt'],
  ['an inner effect that nobody knows about', new EffectUnknownError(inner), 'in_doubt'],
  [
    'an inner effect that failed for sure',
    new EffectFailedError({ ...inner, original: serializeError(having({ status: 402 })) }),
    'not_applied',
  ],
  [
    'an inner effect that failed somehow',
    new EffectFailedError({ ...inner, original: serializeError(new Error('x')) }),
    'assumed',
  ],
  ['an inner call outside of a run, whatever its status', new NoRunError('Tool "t"'), 'assumed'],
  ['a budget that refused a call in the body', new BudgetExceededError({ ...limited, model: null }), 'in_doubt'],
  [
    'a limit that refused a call or an effect in the body',
    new LimitExceededError({ ...limited, what: 'calls', tool: null, model: null, ofTool: false }),
    'in_doubt',
  ],
  ['a call of unknown price in the body', new UnknownPriceError({ ...unpriced, limit: usd(1) }), 'in_doubt'],
  [
    'a call without a bound in the body',
    new UnboundedCallError({ ...unpriced, unboundedBy: [], what: 'tokens', limit: 5 }),
    'in_doubt',
  ],
  [
    'a loop that was found in the body',
    new LoopDetectedError({ tool: 't', callCount: 5, signature: 't|{}', pattern: 't', detector: 'repeats' }),
    'in_doubt',
  ],
  ['a pace that a call in the body did not keep to', new RateLimitedError(tooFast), 'assumed'],
  ['a lost lease, as the reason of an abort', new LeaseLostError({ runId: 'r' }), 'in_doubt'],
  ['a store out of reach', new StoreUnavailableError({ operation: 'o', retries: 0, reason: 'io' }), 'in_doubt'],
]

describe('certaintyOf', () => {
  test.each(cases)('%s', (_, error, certainty) => {
    expect(certaintyOf(error)).toBe(certainty)
  })

  test('lets the tool decide first, unless it says nothing or throws', () => {
    const error = having({ status: 500 })
    expect(certaintyOf(error, () => 'not_applied')).toBe('not_applied')
    expect(certaintyOf(error, () => undefined)).toBe('in_doubt')
    expect(
      certaintyOf(error, () => {
        throw new Error('no')
      }),
    ).toBe('in_doubt')
  })

  test('ends on errors that contain themselves, and on hostile ones', () => {
    const loop: { cause?: unknown; errors?: unknown[] } = {}
    loop.cause = loop
    loop.errors = [loop, loop, having({ code: 'EPIPE' })]
    expect(certaintyOf(loop)).toBe('in_doubt')
    expect(
      certaintyOf(
        new Proxy(
          {},
          {
            get: () => {
              throw new Error('no')
            },
          },
        ),
      ),
    ).toBe('assumed')
    const endless = (): object => ({
      get cause() {
        return endless()
      },
    })
    expect(certaintyOf(endless())).toBe('assumed')
  })
})
