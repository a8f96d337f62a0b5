import { encodeValue } from '../codec/value-codec.ts'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { coreOf, type Run } from '../run/run.ts'
import type { RunCore } from '../run/run-core.ts'
import { sha256Hex } from '../util/hash.ts'
import { EXECUTE_OPTIONS, type ExecuteOptions, type Host, hostOf, undoneTogether } from './host.ts'
import { keepOutOfOutput } from './keep-out-of-output.ts'
import { endsOf, performStage, type StepEnd } from './perform-stage.ts'
import type { Plan, PlanOutcome, PlanTools } from './plan.ts'
import { PlanFailedError } from './plan-failed-error.ts'
import { type EndedPlan, keysOf, planOutcome } from './plan-outcome.ts'
import { endsIn, outputOf, type PlanOutput, shaped } from './plan-output.ts'
import { type PlannedStage, type PlannedStep, plannedStages } from './planned-steps.ts'

export interface PlanOptions extends ExecuteOptions {
  /** False: a plan that failed resolves with what became of it, as one that succeeded does. @default true */
  readonly throws?: boolean
}

const KNOWN: readonly (keyof PlanOptions)[] = [...EXECUTE_OPTIONS, 'throws']
const PLAN = 'plan'
const ENDED_BADLY: readonly string[] = ['failed', 'compensated', 'compensation_failed']

/**
 * Executes the tool calls that a model decided on, as one run: all of them, or in the end none. Everything about them is
 * checked before the first starts.
 *
 * When a step fails, those that succeeded are undone, and it rejects with a `PlanFailedError`. What is no failure is thrown
 * as it is: `ApprovalRequiredError` while a human is asked, for one; the same call goes on afterwards.
 * @example
 * const { results } = await executePlan([[{ tool: 'pay', args }, { tool: 'take-stock', args }], { tool: 'ship', args }], tools)
 */
export async function executePlan(plan: Plan, tools: PlanTools, options: PlanOptions = {}): Promise<PlanOutcome> {
  checkOptionNames('options of executePlan', options, KNOWN)
  const stages = await plannedStages(plan, tools)
  const host = hostOf('executePlan', options.ledger)
  const execution = new Execution(stages)
  const run = { ...undoneTogether(options), name: PLAN, input: inputOf(stages) }
  try {
    const output = await host.run(run, (opened) => execution.performAll(opened))
    return await planOutcome(host, { runId: output.runId, status: 'completed' }, stages, endsIn(output, stages))
  } catch (error) {
    const failed = await failedRun(host, execution, error)
    if (failed === undefined) throw error
    const outcome = await planOutcome(host, failed, stages, execution.ends)
    if (options.throws === false) return outcome
    // Of an earlier execution, whose failure is on record: what it threw is the cause of what tells of it.
    throw new PlanFailedError(
      outcome,
      RunFailedError.isInstance(error) && error.runId === failed.runId ? error.cause : error,
    )
  }
}

/** One execution of a plan's steps, and how they ended. */
class Execution {
  readonly ends = new Map<PlannedStep, StepEnd>()
  readonly #stages: readonly PlannedStage[]
  #core: RunCore | undefined

  constructor(stages: readonly PlannedStage[]) {
    this.#stages = stages
  }

  /** Undefined if nothing was executed, because the record had the answer. */
  get core(): RunCore | undefined {
    return this.#core
  }

  async performAll(run: Run): Promise<PlanOutput> {
    const core = coreOf(run)
    this.#core = core
    keepOutOfOutput(
      run,
      this.#stages.flatMap(({ steps }) => steps.map(({ tool }) => tool)),
    )
    // Before the first step: a key that cannot be made is found out now.
    keysOf(this.#stages, core)
    for (const { steps, group } of this.#stages) {
      const settled = await performStage(core, steps, group)
      for (const [index, step] of steps.entries()) this.#note(step, settled[index])
      endsOf(settled)
    }
    return outputOf(run.id, this.#stages, this.ends)
  }

  #note(step: PlannedStep, settled: PromiseSettledResult<StepEnd> | undefined): void {
    if (settled?.status === 'fulfilled') this.ends.set(step, settled.value)
    else this.ends.set(step, { kind: 'failed', error: settled?.reason })
  }
}

/** The plan's run, if it has failed and is over; undefined for what is no failure of the plan. */
async function failedRun(host: Host, { core }: Execution, error: unknown): Promise<EndedPlan | undefined> {
  const runId = core?.id ?? runThatFailed(error)
  if (runId === undefined || core?.isLost) return undefined
  // The error says more than that the store is out of reach.
  const run = await host.runs.get(runId).catch(() => undefined)
  if (run === undefined || run.name !== PLAN || !ENDED_BADLY.includes(run.status)) return undefined
  return { runId, status: run.status }
}

/** Nothing was executed: the record has a failure. */
function runThatFailed(error: unknown): string | undefined {
  return RunFailedError.isInstance(error) || CompensationFailedError.isInstance(error) ? error.runId : undefined
}

/** What the run is found by. Of tools that do not record everything the arguments are told apart, and not shown. */
function inputOf(stages: readonly PlannedStage[]): unknown {
  return shaped(stages, ({ name, toolName, tool, args }) => ({
    tool: toolName,
    ...(name === toolName ? {} : { name }),
    ...(args === undefined ? {} : { args: tool.record === 'full' ? args : { sha256: sha256Hex(encodeValue(args)) } }),
  }))
}
