import type { StandardSchemaV1 } from '@standard-schema/spec'
import { NoRunError } from '../errors/no-run-error.ts'
import { type AnyTool, type PerformOptions, TOOL_SPEC, type Tool } from '../tool/tool.ts'
import type { CommitToolDefinition, SchemaToolDefinition, ToolDefinition, ToolObject } from '../tool/tool-definition.ts'
import { type ToolSpec, toolSpec } from '../tool/tool-spec.ts'
import { defaultLedgerIfAny } from './default-ledger.ts'
import { currentFrame } from './frame.ts'

/**
 * Defines a tool. The result is a function: called inside a run it is an effect, which happens once, is recorded and
 * survives a crash. `execute` stands above what uses its result, so that its type is inferred first.
 *
 * Throws `ConfigError` for a definition that cannot work.
 * @example
 * const chargeCard = tool({
 *   name: 'charge-card',
 *   execute: (args: { cents: number }, { idempotencyKey }) => payments.charge(args, idempotencyKey),
 * })
 */
export function tool<const Name extends string, Schema extends StandardSchemaV1, Result>(
  definition: SchemaToolDefinition<Name, Schema, Result>,
): Tool<Name, StandardSchemaV1.InferInput<Schema>, Awaited<Result>, StandardSchemaV1.InferOutput<Schema>>
export function tool<const Name extends string, Args, Result>(
  definition: ToolDefinition<Name, Args, Result>,
): Tool<Name, Args, Awaited<Result>>
export function tool<const Name extends string, Args>(
  definition: CommitToolDefinition<Name, Args>,
): Tool<Name, Args, undefined>
export function tool<Args, Result>(definition: ToolObject<Args, Result>): Tool<string, Args, Awaited<Result>>
export function tool(definition: object): AnyTool {
  const spec = toolSpec<unknown, unknown>(definition)
  const call = (args?: unknown, options?: PerformOptions) => callTool(callable, spec, args, options)
  const callable = Object.assign(call, {
    toolName: spec.name,
    description: spec.description,
    [TOOL_SPEC]: spec,
  }) as AnyTool
  Object.defineProperty(callable, 'name', { value: spec.name })
  return callable
}

async function callTool(
  callable: AnyTool,
  spec: ToolSpec<unknown, unknown>,
  args: unknown,
  options?: PerformOptions,
): Promise<unknown> {
  const frame = currentFrame()
  if (frame !== undefined) return frame.run.perform(callable, args, options)
  return outsideOfRuns(callable, spec, args, options)
}

/** A lost async context must not turn a keyed effect into an unkeyed one; what is once per ledger has its key anyway. */
async function outsideOfRuns(
  callable: AnyTool,
  spec: ToolSpec<unknown, unknown>,
  args: unknown,
  options?: PerformOptions,
): Promise<unknown> {
  if (spec.once === 'ledger') {
    const ledger = defaultLedgerIfAny('make')
    if (ledger === undefined) throw new NoRunError(`Tool '${spec.name}'`)
    return ledger.run({ name: spec.name }, (run) => run.perform(callable, args, options))
  }
  const ledger = defaultLedgerIfAny()
  if (ledger === undefined) throw new NoRunError(`Tool '${spec.name}'`)
  return ledger.withoutRun(spec, args, options)
}
