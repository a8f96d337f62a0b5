import { types } from 'node:util'
import { readSpent } from '../budget/read-spent.ts'
import { type HoldOfCall, type Spending, spendingOf } from '../budget/settle-cost.ts'
import { jsonCopy } from '../codec/json-copy.ts'
import { encodeValue } from '../codec/value-codec.ts'
import { serializeError } from '../errors/serialize.ts'
import type { RunScope } from '../lane/run-scope.ts'
import { fieldsOf } from '../usage/fields.ts'
import type { UsageReading } from '../usage/usage-reading.ts'
import type { SeenAnswer } from './call-how.ts'
import type { CallRequest } from './call-request.ts'

/** What a call that was answered comes to. */
export interface CallSpending {
  readonly cost: Spending['cost']
  /** What was counted, as it is stored: in the words of the caller's own reader, else in ours. */
  readonly usage: string | null
}

/** Who looked at an answer. */
export interface SeenBy {
  /** What an adapter says of it, before all else. */
  readonly seen: SeenAnswer | undefined
  /** The tokens at most in it; undefined where nobody can tell. */
  readonly seenTokens: number | undefined
}

/**
 * Never throws: an answer that is paid for is
 * not lost because nobody can say what it cost.
 */
export function callSpending<T>(
  run: RunScope,
  request: CallRequest<T>,
  response: T,
  held: HoldOfCall,
  { seen, seenTokens }: SeenBy,
): CallSpending {
  try {
    if (seen !== undefined) return spendingSeen(held, seen)
    const { said, reading } = readingOf(run, request, response)
    const { cost, usage } = spendingOf(held, reading, seenTokens)
    return { cost, usage: said === undefined ? encoded(usage) : encodeValue(said) }
  } catch (error) {
    const reason = `what it cost cannot be reckoned: ${serializeError(error).message}`
    run.context.events.emit('settlement-failed', { runId: run.id, model: request.model, reason })
    return { cost: { kind: 'charged' }, usage: null }
  }
}

/** What is told later is charged in full until then. */
function spendingSeen(held: HoldOfCall, { reading, seenTokens, externalId }: SeenAnswer): CallSpending {
  if (externalId !== undefined) return { cost: { kind: 'charged' }, usage: null }
  const { cost, usage } = spendingOf(held, reading, seenTokens)
  return { cost, usage: encoded(usage) }
}

interface Reading {
  readonly said: unknown
  readonly reading: UsageReading | undefined
}

/** By the caller's own reader, where it says something that can be understood; else by the answer itself. */
function readingOf<T>(run: RunScope, request: CallRequest<T>, response: T): Reading {
  const { provider, usage } = request
  if (usage === undefined) return { said: undefined, reading: readSpent(response, provider) }
  const { said, problem } = saidBy(usage, response)
  const own = readSpent(said, provider)
  if (own !== undefined) return { said, reading: { ...servedAs(response, provider), ...own } }
  const reason = problem ?? 'it returned nothing that tells what was used'
  run.context.events.emit('usage-not-read', { runId: run.id, model: request.model, reason })
  return { said, reading: readSpent(response, provider) }
}

/** No reader that stumbles may turn an answer that is paid for into a failure. */
function saidBy<T>(
  usage: (response: T) => unknown,
  response: T,
): { readonly said: unknown; readonly problem?: string } {
  try {
    const returned = usage(response)
    if (!types.isPromise(returned)) return { said: jsonCopy(returned) }
    // Of a stream, it may be kept only when the caller has read the answer, who has not got it yet.
    returned.catch(() => undefined)
    return { said: undefined, problem: 'it returned a promise, which is not awaited' }
  } catch (error) {
    return { said: undefined, problem: serializeError(error).message }
  }
}

/** Who answered, and how: a reader that returns the counts alone does not say so. */
function servedAs(response: unknown, provider: string): Pick<UsageReading, 'model' | 'serviceTier' | 'region'> {
  try {
    const read: Partial<UsageReading> = readSpent(response, provider) ?? {}
    const { model, service_tier } = fieldsOf(response)
    return {
      ...member('model', read.model ?? model),
      ...member('serviceTier', read.serviceTier ?? service_tier),
      ...member('region', read.region),
    }
  } catch {
    return {}
  }
}

function member<Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: string } {
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as { [name in Name]?: string }
}

function encoded(usage: Spending['usage']): string | null {
  return usage === null ? null : encodeValue(usage)
}
