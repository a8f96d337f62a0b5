import type { EffectView } from '../audit/effect-view.ts'
import { errorViewOf } from '../audit/error-view.ts'
import { readAll } from '../audit/read-all.ts'
import { keyedEffect } from '../effect/keyed-effect.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { Lane } from '../lane/lane.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { Host } from './host.ts'
import type { StepEnd } from './perform-stage.ts'
import type { PlanOutcome, PlanStepOutcome } from './plan.ts'
import { shaped } from './plan-output.ts'
import type { PlannedStage, PlannedStep } from './planned-steps.ts'

/** The run of a plan that is over. */
export type EndedPlan = Pick<PlanOutcome, 'runId' | 'status'>

type StepKeys = ReadonlyMap<PlannedStep, readonly string[]>

/** The keys that the steps' effects have. Throws what would be thrown when they start. */
export function keysOf(stages: readonly PlannedStage[], run: Pick<RunScope, 'id' | 'thread'>): StepKeys {
  // Counts what repeats as the run's own lane will.
  const lane = new Lane('')
  const keysOfStep = ({ tool, parsed, options }: PlannedStep) =>
    keyedEffect(tool, parsed, options, run, lane).keys.map((key) => key.toString('base64url'))
  return new Map(stages.flatMap(({ steps }) => steps.map((step) => [step, keysOfStep(step)])))
}

/** What became of a plan: from the record, and from how the steps ended here. */
export async function planOutcome(
  host: Host,
  ended: EndedPlan,
  stages: readonly PlannedStage[],
  ends: ReadonlyMap<PlannedStep, StepEnd>,
): Promise<PlanOutcome> {
  const effects = await effectsOf(host, ended.runId, stages)
  const outcomes = new Map(
    stages.flatMap(({ steps }) => steps.map((step) => [step, stepOutcome(step, effects.get(step), ends.get(step))])),
  )
  const results = shaped(stages, (step) => outcomes.get(step)?.result)
  return { ...ended, steps: [...outcomes.values()], results }
}

/** The newest generations; none if the store is out of reach, because the plan's end is known all the same. */
async function effectsOf(
  { runs, effects }: Host,
  runId: string,
  stages: readonly PlannedStage[],
): Promise<ReadonlyMap<PlannedStep, EffectView>> {
  try {
    const thread = (await runs.get(runId))?.thread ?? undefined
    const keys = keysOf(stages, { id: runId, thread })
    const all = await readAll(
      (after, limit) => effects.list({ runId, after, limit }),
      ({ id }) => id,
    )
    return matched(keys, all)
  } catch (error) {
    if (StoreUnavailableError.isInstance(error)) return new Map()
    throw error
  }
}

function matched(keys: StepKeys, effects: readonly EffectView[]): ReadonlyMap<PlannedStep, EffectView> {
  // A later generation comes after the one before it.
  const byKey = new Map(effects.map((effect) => [effect.key.slice(effect.key.lastIndexOf('.') + 1), effect]))
  const found = new Map<PlannedStep, EffectView>()
  for (const [step, ofStep] of keys) {
    const effect = ofStep.map((key) => byKey.get(key)).find((one) => one !== undefined)
    if (effect !== undefined) found.set(step, effect)
  }
  return found
}

function stepOutcome(step: PlannedStep, effect: EffectView | undefined, end: StepEnd | undefined): PlanStepOutcome {
  const { name, toolName, args, group } = step
  return {
    ...{ name, tool: toolName, args, group },
    status: effect?.status ?? end?.kind ?? 'pending',
    result: end?.kind === 'succeeded' ? end.value : effect?.result,
    error: end?.kind === 'failed' ? errorViewOf(end.error) : (effect?.error ?? null),
    attempts: effect?.attempt ?? 0,
  }
}
