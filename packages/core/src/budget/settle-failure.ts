import { HoldfastError, read } from '../errors/holdfast-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { HoldCost } from '../store/limit-records.ts'
import { readSpent } from './read-spent.ts'
import { type HoldOfCall, spendingOf } from './settle-cost.ts'

/**
 * What is known about a request whose sender threw. `unsent`: it never reached the provider. `unbilled`: the provider
 * refused it, or failed before there was any output. `unknown`: it may have been billed.
 */
export type Billing = 'unsent' | 'unbilled' | 'unknown'

/** How many errors are looked through before it counts as unknown. */
const MAX_LOOKED_AT = 100

/** The provider, or something in between, gave up waiting: what it waited for may have been done. */
const AMBIGUOUS_STATUSES = new Set([408, 409, 499, 504, 522, 524, 598, 599])

/** There was no connection that the request could have gone over. */
const NO_CONNECTION = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

/**
 * By the sender's error. A 4xx is not billed, nor is a 5xx, which comes before any output; what nobody can tell from an
 * answer that was lost on its way counts as billed. Our own refusals say nothing: a call that is refused is never given to
 * its sender, so that one which comes out of it is about something else, before which the request may have been sent.
 */
export function billingOf(error: unknown): Billing {
  return verdict(error, new Set()) ?? 'unknown'
}

/**
 * What a call whose sender threw comes to. What its error says that was used counts before all else.
 *
 * `didMore`: its sender started something else, such as a tool. Then nobody can tell what the error is about.
 */
export function failureCost(held: HoldOfCall, error: unknown, didMore: boolean): HoldCost {
  const said = saidCost(held, read(error, 'usage'))
  if (said !== undefined) return said
  const billing = didMore ? 'unknown' : billingOf(error)
  return billing === 'unknown' ? { kind: 'charged' } : { kind: 'released', sent: billing === 'unbilled' }
}

/** What is said and cannot be reckoned says nothing. */
function saidCost(held: HoldOfCall, usage: unknown): HoldCost | undefined {
  try {
    const reading = readSpent(usage, held.quote.demand.provider)
    return reading === undefined ? undefined : spendingOf(held, reading, undefined).cost
  } catch {
    return undefined
  }
}

/** The error's own word counts before that of what it wraps. */
function verdict(error: unknown, seen: Set<unknown>): Billing | undefined {
  if (typeof error !== 'object' || error === null || seen.has(error) || seen.size >= MAX_LOOKED_AT) return undefined
  seen.add(error)
  // The one of ours that a sender throws to say so.
  if (HoldfastError.isInstance(error)) return NotAppliedError.isInstance(error) ? 'unsent' : 'unknown'
  return statusVerdict(error) ?? connectionVerdict(error) ?? wrappedVerdict(error, seen)
}

function statusVerdict(error: object): Billing | undefined {
  const candidates = [read(error, 'status'), read(error, 'statusCode'), read(read(error, 'response'), 'status')]
  const status = candidates.find((one) => typeof one === 'number' && one >= 400 && one < 600)
  if (status === undefined) return undefined
  return AMBIGUOUS_STATUSES.has(status as number) ? 'unknown' : 'unbilled'
}

function connectionVerdict(error: object): Billing | undefined {
  const code = read(error, 'code')
  if (typeof code !== 'string') return undefined
  return NO_CONNECTION.has(code) ? 'unsent' : undefined
}

/** One attempt that is known to be free says nothing of its siblings: all of them must be. */
function wrappedVerdict(error: object, seen: Set<unknown>): Billing | undefined {
  const errors = read(error, 'errors')
  const wrapped = [read(error, 'cause'), read(error, 'lastError'), ...(Array.isArray(errors) ? errors : [])]
  const parts = new Set(wrapped.filter((part) => part !== undefined))
  const verdicts = Array.from(parts, (part) => verdict(part, seen) ?? 'unknown')
  if (verdicts.length === 0 || verdicts.includes('unknown')) return undefined
  return verdicts.includes('unbilled') ? 'unbilled' : 'unsent'
}
