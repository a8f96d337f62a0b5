import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { EffectFailedError } from '../errors/effect-failed-error.ts'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { HoldfastError, read } from '../errors/holdfast-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import { RunClosedError } from '../errors/run-closed-error.ts'
import { RunHaltedError } from '../errors/run-halted-error.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { UnboundedCallError } from '../errors/unbounded-call-error.ts'
import { UnknownPriceError } from '../errors/unknown-price-error.ts'
import type { Certainty } from '../store/records.ts'

export type { Certainty } from '../store/records.ts'

/** How many errors we look through before we call it unknowable. */
const MAX_LOOKED_AT = 100

/** Conflict and request-timeout: the first attempt may be the one that took effect. */
const IN_DOUBT_STATUSES: readonly number[] = [408, 409]

// A refused connection or an unknown host is not among them, nor `not_applied`: an SDK's earlier try may have got through.
const IN_DOUBT_CODES = new Set([
  'ABORT_ERR',
  'ECONNABORTED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'EPIPE',
  'ERR_CANCELED',
  'ERR_NETWORK',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ESOCKETTIMEDOUT',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
])
const IN_DOUBT_CODE_PREFIXES = ['UND_ERR_', 'HPE_', 'ERR_HTTP2_', 'ERR_SSL_'] as const
/** AbortError, TimeoutError and what SDKs call theirs: APIUserAbortError, APIConnectionTimeoutError, StripeConnectionError. */
const IN_DOUBT_NAME = /(?:Abort|Timeout|Connection|Socket)Error$/

/**
 * Ours that leave it open what happened: an inner effect's, and those that stop a run, which may come when the body has
 * acted already, and which its signal aborts requests with. One that only makes it wait stops nothing.
 */
const OWN_IN_DOUBT: ReadonlySet<string> = new Set([
  ApprovalRequiredError.code,
  BudgetExceededError.code,
  EffectUnknownError.code,
  EffectInProgressError.code,
  LeaseLostError.code,
  LimitExceededError.code,
  LoopDetectedError.code,
  RunCanceledError.code,
  RunClosedError.code,
  RunHaltedError.code,
  StoreUnavailableError.code,
  UnboundedCallError.code,
  UnknownPriceError.code,
])

/**
 * What is known about an effect whose body threw this.
 *
 * `not_applied`: it did not happen. `in_doubt`: it may have. `assumed`: most likely not, but nothing may be built on it.
 * `override` is the tool's own `certainty`; one that throws or says nothing leaves it to the rules.
 */
export function certaintyOf(error: unknown, override?: (error: unknown) => Certainty | undefined): Certainty {
  return decided(error, override) ?? verdict(error, new Set()) ?? 'assumed'
}

function decided(error: unknown, override?: (error: unknown) => Certainty | undefined): Certainty | undefined {
  try {
    return override?.(error)
  } catch {
    // Nobody knows what it would have said: the rules decide.
    return undefined
  }
}

/** The error's own word counts before that of what it wraps. */
function verdict(error: unknown, seen: Set<unknown>): Certainty | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if (seen.has(error) || seen.size >= MAX_LOOKED_AT) return undefined
  seen.add(error)
  if (HoldfastError.isInstance(error)) return ownVerdict(error, seen)
  return statusVerdict(error) ?? transportVerdict(error) ?? wrappedVerdict(error, seen)
}

function ownVerdict(error: HoldfastError, seen: Set<unknown>): Certainty | undefined {
  if (NotAppliedError.isInstance(error) || InvalidArgumentsError.isInstance(error)) return 'not_applied'
  if (EffectFailedError.isInstance(error)) return verdict(error.cause, seen)
  // A refusal proves only that one inner step did not happen; the body may have done others before.
  return OWN_IN_DOUBT.has(error.code) ? 'in_doubt' : 'assumed'
}

function statusVerdict(error: object): Certainty | undefined {
  const candidates = [read(error, 'status'), read(error, 'statusCode'), read(read(error, 'response'), 'status')]
  const status = candidates.find((candidate) => typeof candidate === 'number' && candidate >= 400 && candidate < 600)
  if (status === undefined) return undefined
  return (status as number) >= 500 || IN_DOUBT_STATUSES.includes(status as number) ? 'in_doubt' : 'not_applied'
}

function transportVerdict(error: object): Certainty | undefined {
  const code = read(error, 'code')
  const lost = typeof code === 'string' && (IN_DOUBT_CODES.has(code) || hasPrefix(code))
  const names = [read(error, 'name'), read(read(error, 'constructor'), 'name')]
  return lost || names.some((name) => typeof name === 'string' && IN_DOUBT_NAME.test(name)) ? 'in_doubt' : undefined
}

function hasPrefix(code: string): boolean {
  return IN_DOUBT_CODE_PREFIXES.some((prefix) => code.startsWith(prefix))
}

function wrappedVerdict(error: object, seen: Set<unknown>): Certainty | undefined {
  const errors = read(error, 'errors')
  const parts = [read(error, 'cause'), ...(Array.isArray(errors) ? errors : [])].filter(
    (part) => part !== undefined && !seen.has(part),
  )
  const verdicts = parts.map((part) => verdict(part, seen))
  if (verdicts.includes('in_doubt')) return 'in_doubt'
  // One known failure says nothing of its siblings: all of them must be.
  return verdicts.length > 0 && verdicts.every((one) => one === 'not_applied') ? 'not_applied' : undefined
}
