import { type ErrorView, errorViewOf } from '../audit/error-view.ts'
import type { StepEnd } from './perform-stage.ts'
import type { PlannedStage, PlannedStep } from './planned-steps.ts'

/** What the run of a plan answers, also from its record. */
export interface PlanOutput {
  readonly runId: string
  readonly results: readonly unknown[]
  /** The steps that failed and let the others go on; counted from 1, groups laid flat. */
  readonly failed: readonly { readonly step: number; readonly error: ErrorView }[]
}

export function outputOf(
  runId: string,
  stages: readonly PlannedStage[],
  ends: ReadonlyMap<PlannedStep, StepEnd>,
): PlanOutput {
  const steps = stages.flatMap((stage) => stage.steps)
  const failed = steps.flatMap((step, index) => {
    const end = ends.get(step)
    return end?.kind === 'failed' ? [{ step: index + 1, error: errorViewOf(end.error) }] : []
  })
  const resultOf = (step: PlannedStep) => {
    const end = ends.get(step)
    return end?.kind === 'succeeded' ? end.value : undefined
  }
  return { runId, results: shaped(stages, resultOf), failed }
}

/** How the steps ended, as that answer says. */
export function endsIn(output: PlanOutput, stages: readonly PlannedStage[]): ReadonlyMap<PlannedStep, StepEnd> {
  const ends = new Map<PlannedStep, StepEnd>()
  for (const [index, { steps, group }] of stages.entries()) {
    const result = output.results[index]
    for (const [place, step] of steps.entries()) {
      const failure = output.failed.find((one) => one.step === ends.size + 1)
      const value = group === null ? result : (result as readonly unknown[])[place]
      ends.set(step, failure === undefined ? { kind: 'succeeded', value } : { kind: 'failed', error: failure.error })
    }
  }
  return ends
}

/** One value per step, in the plan's shape. */
export function shaped(stages: readonly PlannedStage[], of: (step: PlannedStep) => unknown): unknown[] {
  return stages.map(({ steps, group }) => (group === null ? of(steps[0] as PlannedStep) : steps.map(of)))
}
