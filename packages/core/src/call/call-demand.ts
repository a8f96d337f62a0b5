import { boundOf, type Demand, outputOf } from '../budget/demand.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import type { Estimate, RequestToEstimate } from '../estimate/estimate.ts'
import { estimateRequest } from '../estimate/estimate-request.ts'
import { answerCount } from '../estimate/output-cap.ts'
import { withOutputCap } from '../estimate/with-output-cap.ts'
import { isFields } from '../usage/fields.ts'
import type { AskedCall } from './asked-call.ts'
import type { CallHow } from './call-how.ts'

const UNCAPPED = 'its output, which nothing caps: state maxOutputTokens'

/** What a call may use, and the request that it is sent with where its output must be capped. */
export interface CallDemand extends Demand {
  /** Undefined where the cap cannot be written into a request of that shape. */
  capped(tokens: number): { readonly request: unknown } | undefined
  /** The shape is one that a cap can be written into. */
  readonly isKnown: boolean
}

export function callDemand(context: LedgerContext, call: AskedCall<never>, how: CallHow<never>): CallDemand {
  const { provider, model, label, request } = call
  const { unboundedBy = [] } = how
  const asked = label === undefined ? [model] : [model, label]
  const sizes = asked.map((name) =>
    sizeOf(context, { provider, model: name, request, body: how.body, betas: how.betas }),
  )
  const [{ estimate }] = sizes as [Size]
  const { dialect } = estimate
  const isKnown = dialect !== undefined && dialect !== 'plain'
  const answers = answersOf(request, estimate)
  const capped: CallDemand['capped'] = (tokens) => {
    const copy = withOutputCap(request, { dialect, provider, model }, tokens)
    return copy === undefined ? undefined : { request: copy }
  }
  const ownCap = call.maxOutputTokens === undefined ? undefined : call.maxOutputTokens * answers
  const outputCap = lowest(estimate.outputCap?.tokens, ownCap)
  const isReasoning = sizes.some((size) => size.estimate.isReasoning)
  const output = { outputCap, isReasoning, answers, canBeLowered: true }
  const takes = (tokens: number) => (isKnown ? capped(tokens) !== undefined : how.isDeaf !== true)
  const { least, most } = outputOf(output)
  const uncapped = outputCap === undefined && !takes(most) ? [UNCAPPED] : []
  return {
    ...{ provider, model, isKnown, capped, ...output, ...largestOf(sizes) },
    ...(label === undefined ? {} : { label }),
    canBeLowered: takes(least),
    bound: boundOf(estimate),
    unboundedBy: [...new Set([...sizes.flatMap((size) => size.estimate.unboundedBy), ...uncapped, ...unboundedBy])],
  }
}

interface Size {
  readonly estimate: Estimate
  /** The input by a tokenizer. */
  count(): Promise<number>
}

function sizeOf({ tokenCounter }: LedgerContext, asked: RequestToEstimate): Size {
  const estimate = estimateRequest(asked)
  return { estimate, count: async () => (await tokenCounter.tighten(asked, estimate)).inputTokens }
}

/** Images and tokens count by the model: whichever needs more. */
function largestOf(sizes: readonly Size[]): Pick<Demand, 'inputTokens' | 'leastInputTokens' | 'count'> {
  const beside = sizes.map(({ estimate }) => estimate.inputTokens - estimate.textTokens)
  return {
    inputTokens: Math.max(...sizes.map(({ estimate }) => estimate.inputTokens)),
    leastInputTokens: Math.max(...beside),
    count: async () => Math.max(...(await Promise.all(sizes.map(({ count }) => count())))),
  }
}

function answersOf(request: unknown, { dialect }: Estimate): number {
  return dialect !== undefined && isFields(request) ? answerCount(request, dialect) : 1
}

function lowest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
