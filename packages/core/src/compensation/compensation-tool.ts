import { ConfigError } from '../errors/config-error.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { EffectRecord } from '../store/records.ts'
import { validate } from '../tool/standard-schema.ts'
import { TOOL_SPEC } from '../tool/tool.ts'
import type { CompensationContext } from '../tool/tool-definition.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'

type Spec = ToolSpec<unknown, unknown>

/** What undoes an effect, and the tool whose retries and times hold for it. */
export interface Compensation {
  /** The tool of the effect. */
  readonly forward: Spec
  readonly tool: Spec
  run(result: unknown, args: unknown, context: CompensationContext): unknown
}

/** The tool of an effect: the very one that was used, else the registered one of its name. Throws `ConfigError`. */
export function toolOf(run: RunScope, effect: Pick<EffectRecord, 'id' | 'tool' | 'runId'>): Spec {
  return find(run, effect.tool, effect.id) ?? missing(effect.tool, effect)
}

/** What undoes an effect. Throws `ConfigError` where that is not known in this process. */
export function compensationOf(run: RunScope, effect: Pick<EffectRecord, 'id' | 'tool' | 'runId'>): Compensation {
  const tool = toolOf(run, effect)
  const { compensate } = tool
  if (typeof compensate === 'function') return { forward: tool, tool, run: compensate as Compensation['run'] }
  if (compensate === undefined)
    throw new ConfigError(
      `tool '${effect.tool}' has no \`compensate\` any more, and its effect in run '${effect.runId}' was made with one. Nothing more of the run was compensated; give it one, and call ledger.runs.compensate.`,
    )
  const named = find(run, compensate) ?? missing(compensate, effect)
  return { forward: tool, tool: named, run: (_result, args, context) => execute(named, args, context) }
}

function find(run: RunScope, name: string, effect?: number): Spec | undefined {
  return run.tools.find(name, effect) ?? (run.context.tools.get(name)?.[TOOL_SPEC] as Spec | undefined)
}

/** A tool that is named as another's compensation is called with that one's arguments, and is no effect of its own. */
async function execute(tool: Spec, args: unknown, context: CompensationContext): Promise<unknown> {
  if (tool.execute === undefined)
    throw new ConfigError(
      `tool '${tool.name}' is nothing but its commit, so it cannot compensate another. Give it a body.`,
    )
  const parsed = tool.inputSchema === undefined ? args : await validate(tool.inputSchema, args, tool.name)
  return tool.execute(parsed, context)
}

function missing(name: string, effect: Pick<EffectRecord, 'tool' | 'runId'>): never {
  throw new ConfigError(
    `the tool '${name}' is not known in this process, and compensating '${effect.tool}' of run '${effect.runId}' needs it. ` +
      `That effect, and what was done before it, was left as it is. Register it: createLedger({ tools: [${name.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}] }).`,
  )
}
