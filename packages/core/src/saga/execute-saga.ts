import { checkOptionNames } from '../errors/option-names.ts'
import { coreOf } from '../run/run.ts'
import type { RunCore } from '../run/run-core.ts'
import { EXECUTE_OPTIONS, type ExecuteOptions, hostOf, undoneTogether } from './host.ts'
import { keepOutOfOutput } from './keep-out-of-output.ts'
import { endsOf, performStage, type StepEnd } from './perform-stage.ts'
import type { Stage, Step } from './step.ts'

export type SagaOptions = ExecuteOptions

/** Executes a saga's steps as a run of their own and gives their results by name. */
export async function executeSaga(
  name: string,
  stages: readonly Stage[],
  input: unknown,
  options: SagaOptions = {},
): Promise<object> {
  checkOptionNames(`saga '${name}': options of execute`, options, EXECUTE_OPTIONS)
  const host = hostOf(`Saga '${name}'`, options.ledger)
  const run = { ...undoneTogether(options), name: `saga:${name}`, ...(input === undefined ? {} : { input }) }
  return host.run(run, (opened) => {
    keepOutOfOutput(
      opened,
      stages.flatMap(({ steps }) => steps.map(({ tool }) => tool)),
    )
    return performAll(coreOf(opened), stages, input)
  })
}

async function performAll(core: RunCore, stages: readonly Stage[], input: unknown): Promise<object> {
  const results = new Map<string, unknown>()
  const failed: string[] = []
  for (const { steps, group } of stages) {
    const done = { ...Object.fromEntries(results), failed: [...failed] }
    // All arguments are made before anything starts: one that cannot be made stops the whole group.
    const calls = steps.map((step) => ({ ...step, args: step.args(input, done) }))
    const ends = endsOf(await performStage(core, calls, group))
    for (const [index, step] of steps.entries()) note(step, ends[index] as StepEnd, results, failed)
  }
  return Object.fromEntries(results)
}

function note({ name }: Step, end: StepEnd, results: Map<string, unknown>, failed: string[]): void {
  if (end.kind === 'succeeded') results.set(name, end.value)
  else failed.push(name)
}
