import { perform } from '../effect/perform.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { RunCore } from '../run/run-core.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'

/** A step that is about to start. */
export interface StepCall {
  readonly tool: ToolSpec<unknown, unknown>
  readonly args: unknown
  readonly options: PerformOptions
  /** Its failure is not that of the others. */
  readonly optional: boolean
}

/** How a step ended that lets the others go on. */
export type StepEnd =
  | { readonly kind: 'succeeded'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Starts all steps at once and waits for all of them, also where some fail. */
export function performStage(
  core: RunCore,
  calls: readonly StepCall[],
  group: number | null,
): Promise<PromiseSettledResult<StepEnd>[]> {
  return Promise.allSettled(calls.map((call) => performStep(core, call, group)))
}

async function performStep(core: RunCore, call: StepCall, group: number | null): Promise<StepEnd> {
  const place = { run: core, lane: core.root, parent: null, group }
  try {
    return { kind: 'succeeded', value: await perform(place, call.tool, call.args, call.options) }
  } catch (error) {
    if (!call.optional || !core.isOpen || saysNoOutcome(error)) throw error
    return { kind: 'failed', error }
  }
}

/** Nothing is known of the step's own outcome, or it has happened: nothing may go on without it. */
function saysNoOutcome(error: unknown): boolean {
  return (
    ApprovalRequiredError.isInstance(error) ||
    EffectInProgressError.isInstance(error) ||
    NotSerializableError.isInstance(error) ||
    StoreUnavailableError.isInstance(error)
  )
}

/** The ends of all steps. Throws the first failure, by position; that a human is asked only if nothing failed. */
export function endsOf(settled: readonly PromiseSettledResult<StepEnd>[]): StepEnd[] {
  const rejected = settled.filter((one) => one.status === 'rejected')
  const failed = rejected.find(({ reason }) => !ApprovalRequiredError.isInstance(reason)) ?? rejected[0]
  if (failed !== undefined) throw failed.reason
  return settled.map((one) => (one as PromiseFulfilledResult<StepEnd>).value)
}
