import { type AnyTool, type CompensationContext, type EffectContext, type Tool, type ToolPolicy, tool } from 'holdfast'
import { reach } from './crash-plan.ts'
import type { Policy } from './order-tools.ts'
import type { Outside } from './outside.ts'
import type { Whim } from './outside-log.ts'
import { stepsOf, type Trip, type TripStep } from './trip.ts'

interface What {
  readonly what: string
}
/** What the service answers to an act. */
interface Booked {
  readonly number: number
}

export type TripTool = Tool<string, What, Booked>

/** The tools of a trip, by what they do. */
export interface TripTools {
  readonly byStep: ReadonlyMap<string, TripTool>
  /** To be registered: also the one that undoes. */
  readonly all: readonly AnyTool[]
}

export function tripTools(trip: Trip, outside: Outside, policy: Policy, leaseMs: number): TripTools {
  const steps = stepsOf(trip)
  const byStep = new Map(steps.map((one) => [one.what, stepTool(one, outside, policy, leaseMs)]))
  return { byStep, all: [...byStep.values(), undoTool(steps, outside, leaseMs)] }
}

function stepTool(step: TripStep, outside: Outside, policy: Policy, leaseMs: number): TripTool {
  const undo = (result: Booked, { what }: What, context: CompensationContext) =>
    outside.undo({ what, undoes: result.number }, context, whimOf(step.undo))
  const rules: ToolPolicy<What, Booked> = {
    ...{ leaseMs, retry: retryOf(step) },
    onUnknown: policy === 'reconcile' ? (_args, context) => ask(outside, context) : policy,
    compensate: step.undoneByTool ? 'undo' : undo,
    ...(step.approval === null ? {} : { approval: { block: step.approval === 'blocks' } }),
  }
  return tool({
    name: step.what,
    ...rules,
    execute: async (args: What, context: EffectContext): Promise<Booked> => {
      await context.heartbeat()
      const booked = (await outside.act(step.what, args, context, whimOf(step.fate))) as Booked
      if (step.fate === 'garbled') throw new TypeError('the answer makes no sense')
      return booked
    },
  })
}

async function ask(outside: Outside, context: EffectContext) {
  return (await outside.reconcile(context)) as { kind: 'applied'; result: Booked } | { kind: 'not_applied' }
}

/** Called with the arguments of the step that it undoes; what that came to is in its context. */
function undoTool(steps: readonly TripStep[], outside: Outside, leaseMs: number): TripTool {
  return tool({
    name: 'undo',
    leaseMs,
    retry: retryOf({ attempts: 2 }),
    execute: async ({ what }: What, context: EffectContext): Promise<Booked> => {
      reach('in-undo-tool')
      const { result } = context as CompensationContext
      const step = steps.find((one) => one.what === what)
      const args = { what, undoes: (result as Booked).number }
      return (await outside.undo(args, context, whimOf(step?.undo ?? 'good'))) as Booked
    },
  })
}

function retryOf({ attempts }: Pick<TripStep, 'attempts'>) {
  return { attempts, backoff: { initialMs: 1, maxMs: 1 } }
}

function whimOf(fate: TripStep['fate']): Whim | undefined {
  return fate === 'good' || fate === 'garbled' ? undefined : fate
}
