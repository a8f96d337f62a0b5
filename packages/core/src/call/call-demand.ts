import { boundOf, type Demand, outputOf } from '../budget/demand.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import type { Estimate } from '../estimate/estimate.ts'
import { estimateRequest } from '../estimate/estimate-request.ts'
import { answerCount } from '../estimate/output-cap.ts'
import { withOutputCap } from '../estimate/with-output-cap.ts'
import { isFields } from '../usage/fields.ts'
import type { CallRequest } from './call-request.ts'

const UNCAPPED = 'its output, which nothing caps: state maxOutputTokens'

/** What a call may use, and the request that it is sent with where its output must be capped. */
export interface CallDemand extends Demand {
  /** Undefined where the cap cannot be written into a request of that shape. */
  capped(tokens: number): { readonly request: unknown } | undefined
  /** The shape is one that a cap can be written into. */
  readonly isKnown: boolean
}

/** `isDeaf`: its sender sends what it is given, and looks at nothing else. */
export function callDemand(context: LedgerContext, call: CallRequest<never>, isDeaf: boolean): CallDemand {
  const { provider, model, request } = call
  const asked = { provider, model, request }
  const estimate = estimateRequest(asked)
  const { dialect, inputTokens, textTokens, isReasoning } = estimate
  const isKnown = dialect !== undefined && dialect !== 'plain'
  const capped: CallDemand['capped'] = (tokens) => {
    const copy = withOutputCap(request, { dialect, provider }, tokens)
    return copy === undefined ? undefined : { request: copy }
  }
  const outputCap = lowest(estimate.outputCap?.tokens, call.maxOutputTokens)
  const size = { outputCap, isReasoning, answers: answersOf(request, estimate), canBeLowered: true }
  const takes = (tokens: number) => (isKnown ? capped(tokens) !== undefined : !isDeaf)
  const { least, most } = outputOf(size)
  const isUncapped = outputCap === undefined && !takes(most)
  return {
    ...{ provider, model, inputTokens, isKnown, capped, ...size },
    canBeLowered: takes(least),
    leastInputTokens: inputTokens - textTokens,
    bound: boundOf(estimate),
    unboundedBy: isUncapped ? [...estimate.unboundedBy, UNCAPPED] : estimate.unboundedBy,
    count: async () => (await context.tokenCounter.tighten(asked, estimate)).inputTokens,
  }
}

function answersOf(request: unknown, { dialect }: Estimate): number {
  return dialect !== undefined && isFields(request) ? answerCount(request, dialect) : 1
}

function lowest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
