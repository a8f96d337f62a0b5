import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { type AnyTool, type PerformOptions, TOOL_SPEC } from '../tool/tool.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'

export interface StepOptions<Optional extends boolean = boolean> {
  /**
   * True: when this step has failed, after its tool's last attempt, the saga goes on without it. Its result may then be
   * undefined, and `done.failed` names it. A tool with `retry.scope: 'tool'` asks for it. @default false
   */
  readonly optional?: Optional
  /** True: a human must approve this step, whatever its tool says. @default false */
  readonly approval?: boolean
  readonly wait?: WaitOptions
}

/** A step of a saga as it was written down. */
export interface Step {
  readonly name: string
  readonly tool: ToolSpec<unknown, unknown>
  /** Called when the step starts, with the saga's input and what is done by then. */
  readonly args: (input: unknown, done: unknown) => unknown
  readonly optional: boolean
  readonly options: PerformOptions
}

/** Steps that start together: the members of a parallel group, or a single one. */
export interface Stage {
  readonly steps: readonly Step[]
  /** Of a parallel group: its place in the saga, from 1. */
  readonly group: number | null
}

const KNOWN: readonly (keyof StepOptions)[] = ['optional', 'approval', 'wait']
/** What `done` says besides the results. */
const RESERVED = 'failed'

/** Checks a step that is added to a saga. Throws `ConfigError`. */
export function makeStep(
  saga: string,
  taken: readonly Step[],
  name: string,
  tool: AnyTool,
  args: Step['args'],
  { optional = false, ...options }: StepOptions = {},
): Step {
  const fail = (what: string): never => {
    throw new ConfigError(`saga '${saga}': ${what}`)
  }
  if (typeof name !== 'string' || name === '') fail('a step needs a name: its result is found under it.')
  if (name === RESERVED) fail(`no step can be called '${RESERVED}': \`done.${RESERVED}\` lists the steps that failed.`)
  if (taken.some((step) => step.name === name)) fail(`there are two steps '${name}'. Give one of them another name.`)
  const spec = tool?.[TOOL_SPEC] as ToolSpec<unknown, unknown> | undefined
  if (spec === undefined) return fail(`step '${name}' has no tool. Give it what tool({…}) made.`)
  if (typeof args !== 'function')
    fail(`step '${name}' needs a function that makes the tool's arguments of (input, done).`)
  checkOptionNames(`saga '${saga}': options of step '${name}'`, { optional, ...options }, KNOWN)
  if (spec.retryScope === 'tool' && !optional)
    fail(
      `the tool of step '${name}' has retry.scope 'tool', so that the saga goes on when it has failed; say { optional: true }, because its result may then be undefined.`,
    )
  return { name, tool: spec, args, optional, options: { ...stepKey(spec, name), ...options } }
}

/**
 * What makes the key of a step: its place, so that equal steps are two effects, and one that is asked with other arguments
 * on resume is a conflict instead of a second deed. A tool that says itself what the same effect is keeps its word.
 */
export function stepKey(tool: ToolSpec<unknown, unknown>, place: string | number): Pick<PerformOptions, 'key'> {
  // So does every tool that is once per thread or ledger: there, a place in this saga would be the same place in all others.
  const hasOwn = tool.key !== undefined || tool.keys !== undefined || tool.resource !== undefined
  return hasOwn ? {} : { key: { step: place } }
}
