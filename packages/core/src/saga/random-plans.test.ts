import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { createLedger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { memory } from '../store/sqlite/sqlite.ts'
import { executePlan } from './execute-plan.ts'
import type { PlanFailedError } from './plan-failed-error.ts'

/** What becomes of a step: `spare` fails alone, `stuck` cannot be undone. */
const FATES = ['good', 'good', 'good', 'bad', 'spare', 'stuck', 'slow'] as const
type Fate = (typeof FATES)[number]

const stageOf = fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 4 })
const stages = fc.array(fc.record({ fates: stageOf, isGroup: fc.boolean() }), { maxLength: 5 })

/** A step in the log: its stage and its place in it. */
interface Placed {
  readonly stage: number
  readonly place: number
  readonly fate: Fate
}

test('whatever fails, each step that succeeded is undone once, stages in reverse, and nothing else is', async () => {
  await using ledger = createLedger({ store: memory() })
  await fc.assert(
    fc.asyncProperty(stages, async (drawn) => {
      const outside: string[] = []
      const placed = laidOut(drawn)
      const plan = planOf(placed, drawn)
      const error = await executePlan(plan, toolsOf(outside), { ledger }).catch((thrown: unknown) => thrown)
      const failing = placed.find(({ fate }) => fate === 'bad')
      const started = failing === undefined ? placed : placed.filter(({ stage }) => stage <= failing.stage)
      const happened = started.filter(({ fate }) => fate !== 'bad' && fate !== 'spare')
      const lines = (what: string, steps: readonly Placed[]) =>
        steps.map((step) => `${what} ${nameOf(step)}`).toSorted()
      expect(outside.filter((line) => line.startsWith('did')).toSorted()).toEqual(lines('did', happened))
      const undone = outside.filter((line) => line.startsWith('undid'))
      if (failing === undefined) {
        expect(undone).toEqual([])
        expect(error).toMatchObject({ status: 'completed' })
        return
      }
      const undoable = happened.filter(({ fate }) => fate !== 'stuck')
      expect(undone.toSorted()).toEqual(lines('undid', undoable))
      expect(undone.map(stageOfLine)).toEqual(undone.map(stageOfLine).toSorted((one, other) => other - one))
      const status =
        happened.length === 0 ? 'failed' : undoable.length === happened.length ? 'compensated' : 'compensation_failed'
      expect((error as PlanFailedError).plan).toMatchObject({ status })
      expect((error as PlanFailedError).plan.steps.map((step) => step.status)).toEqual(
        placed.map((step) => statusOf(step, started)),
      )
    }),
    { numRuns: 150 },
  )
})

type Drawn = readonly { readonly fates: readonly Fate[]; readonly isGroup: boolean }[]

/** Steps outside groups are stages of their own. */
function laidOut(drawn: Drawn): Placed[] {
  let stage = 0
  return drawn.flatMap(({ fates, isGroup }) => {
    if (isGroup) stage++
    return fates.map((fate, place) => ({ stage: isGroup ? stage : ++stage, place, fate }))
  })
}

function planOf(placed: readonly Placed[], drawn: Drawn) {
  let next = 0
  return drawn.flatMap(({ fates, isGroup }) => {
    const steps = fates.map((fate) => ({ tool: fate, args: { name: nameOf(placed[next++] as Placed) } }))
    return isGroup ? [steps] : steps
  })
}

function nameOf({ stage, place }: Placed): string {
  return `${stage}.${place}`
}

function stageOfLine(line: string): number {
  return Number.parseInt(line.split(' ')[1] as string, 10)
}

function toolsOf(outside: string[]) {
  return [...new Set(FATES)].map((fate) =>
    tool({
      name: fate,
      retry: { scope: fate === 'spare' ? 'tool' : 'run' },
      execute: async ({ name }: { name: string }) => {
        if (fate === 'bad' || fate === 'spare') throw new NotAppliedError(fate)
        if (fate === 'slow') await new Promise((resolve) => setImmediate(resolve))
        outside.push(`did ${name}`)
        return name
      },
      compensate: async (name) => {
        if (fate === 'stuck') throw new Error('stuck')
        if (fate === 'slow') await new Promise((resolve) => setImmediate(resolve))
        outside.push(`undid ${name}`)
      },
    }),
  )
}

function statusOf(step: Placed, started: readonly Placed[]): string {
  if (!started.includes(step)) return 'pending'
  if (step.fate === 'bad' || step.fate === 'spare') return 'failed'
  return step.fate === 'stuck' ? 'compensation_failed' : 'compensated'
}
