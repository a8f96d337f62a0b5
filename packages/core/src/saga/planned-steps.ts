import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { ConfigError } from '../errors/config-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { validate } from '../tool/standard-schema.ts'
import { type AnyTool, TOOL_SPEC } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import type { StepCall } from './perform-stage.ts'
import type { Plan, PlanStep, PlanTools } from './plan.ts'
import { stepKey } from './step.ts'

/** A step that has been checked. */
export interface PlannedStep extends StepCall {
  readonly name: string
  readonly toolName: string
  readonly group: number | null
  /** As the tool's schema parsed them: what its key is made of. */
  readonly parsed: unknown
}

export interface PlannedStage {
  readonly steps: readonly PlannedStep[]
  readonly group: number | null
}

const KNOWN: readonly (keyof PlanStep)[] = ['tool', 'args', 'name']

/** Checks everything about a plan before any of it starts. Throws `ConfigError`, `InvalidArgumentsError`, `NotSerializableError`. */
export async function plannedStages(plan: Plan, tools: PlanTools): Promise<readonly PlannedStage[]> {
  if (!Array.isArray(plan)) throw new ConfigError('a plan must be a list of steps. Nothing was started.')
  const known = byName(tools)
  const stages: PlannedStage[] = []
  let number = 0
  for (const [index, item] of plan.entries()) {
    const isGroup = Array.isArray(item)
    if (isGroup && item.length === 0) throw faulty(`[${index}]`, 'the group is empty; leave it out')
    const members: readonly PlanStep[] = isGroup ? item : [item]
    const group = isGroup ? index + 1 : null
    const steps: PlannedStep[] = []
    for (const [place, step] of members.entries()) {
      number++
      const where = isGroup ? `[${index}][${place}]` : `[${index}]`
      steps.push(await planned(step, known, { where, group, number }))
    }
    stages.push({ steps, group })
  }
  return stages
}

type Spec = ToolSpec<unknown, unknown>

interface Position {
  readonly where: string
  readonly group: number | null
  /** Its place in the plan, groups laid flat, from 1: what makes its key. */
  readonly number: number
}

async function planned(step: PlanStep, known: ReadonlyMap<string, Spec>, position: Position): Promise<PlannedStep> {
  const { where, group, number } = position
  if (Array.isArray(step)) throw faulty(where, 'a group cannot hold another; lay it flat')
  if (typeof step !== 'object' || step === null)
    throw faulty(where, `a step is { tool, args }; this is ${String(step)}`)
  checkOptionNames(`plan${where}`, step, KNOWN)
  const tool = known.get(step.tool)
  if (tool === undefined) {
    const names = [...known.keys()].join(', ') || 'none'
    throw faulty(where, `there is no tool '${String(step.tool)}'; the tools are: ${names}`)
  }
  const args = storedCopy(step.args, where)
  const parsed = await parsedArgs(tool, args, where)
  const { name = step.tool } = step
  const optional = tool.retryScope === 'tool'
  return { name, toolName: step.tool, tool, args, parsed, group, optional, options: stepKey(tool, number) }
}

/** The arguments as they are recorded: nothing that happens to the caller's own changes what was checked. */
function storedCopy(args: unknown, where: string): unknown {
  try {
    return decodeValue(encodeValue(args))
  } catch (error) {
    if (!NotSerializableError.isInstance(error)) throw error
    const place = `plan${where}.args${error.path === '' || error.path.startsWith('[') ? '' : '.'}${error.path}`
    throw new NotSerializableError({ path: place, reason: error.reason, value: args })
  }
}

async function parsedArgs(tool: Spec, args: unknown, where: string): Promise<unknown> {
  if (tool.inputSchema === undefined) return args
  try {
    return await validate(tool.inputSchema, args, tool.name)
  } catch (error) {
    if (!InvalidArgumentsError.isInstance(error)) throw error
    const issues = error.issues.map(({ path, message }) => ({
      path: `plan${where}.args${path === '' || path.startsWith('[') ? '' : '.'}${path}`,
      message,
    }))
    throw new InvalidArgumentsError({ tool: error.tool, issues, cause: error })
  }
}

function byName(tools: PlanTools): ReadonlyMap<string, Spec> {
  const named: [string, AnyTool][] = Array.isArray(tools)
    ? (tools as readonly AnyTool[]).map((tool) => [tool?.toolName, tool])
    : Object.entries(tools)
  const known = new Map<string, Spec>()
  for (const [name, tool] of named) {
    const spec = tool?.[TOOL_SPEC] as Spec | undefined
    if (spec === undefined)
      throw new ConfigError(
        `the tools of a plan: '${name}' is no tool. Nothing was started. Give it what tool({…}) made.`,
      )
    if (known.has(name))
      throw new ConfigError(`the tools of a plan: two are called '${name}'. Nothing was started. Rename one of them.`)
    known.set(name, spec)
  }
  return known
}

function faulty(where: string, what: string): ConfigError {
  return new ConfigError(`plan${where}: ${what}. Nothing was started.`)
}
