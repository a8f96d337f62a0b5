import { readSpent } from '../budget/read-spent.ts'
import { type HoldOfCall, type Spending, spendingOf } from '../budget/settle-cost.ts'
import { jsonCopy } from '../codec/json-copy.ts'
import { encodeValue } from '../codec/value-codec.ts'
import { serializeError } from '../errors/serialize.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { CallRequest } from './call-request.ts'

/** What a call that was answered comes to. */
export interface CallSpending {
  readonly cost: Spending['cost']
  /** What was counted, as it is stored: in the words of the caller's own reader, else in ours. */
  readonly usage: string | null
}

/** `seenTokens`: those at most in its answer; undefined where nobody can tell. */
export function callSpending<T>(
  run: RunScope,
  request: CallRequest<T>,
  response: T,
  held: HoldOfCall,
  seenTokens: number | undefined,
): CallSpending {
  const said = saidBy(run, request, response)
  const { provider } = request
  const reading = readSpent(said, provider) ?? readSpent(response, provider)
  const { cost, usage } = spendingOf(held, reading, seenTokens)
  return { cost, usage: said === undefined ? encoded(usage) : encodeValue(said) }
}

/** No reader that stumbles may turn an answer that is paid for into a failure. */
function saidBy<T>(run: RunScope, { model, usage }: CallRequest<T>, response: T): unknown {
  try {
    return jsonCopy(usage?.(response))
  } catch (error) {
    const reason = `the usage of ${model}: ${serializeError(error).message}`
    run.context.events.emit('output-not-kept', { runId: run.id, reason })
    return undefined
  }
}

function encoded(usage: Spending['usage']): string | null {
  return usage === null ? null : encodeValue(usage)
}
