import { droppedHash } from '../codec/dropped-value.ts'
import { decodeValue } from '../codec/value-codec.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { EffectRecord } from '../store/records.ts'
import { validate } from '../tool/standard-schema.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'

/**
 * The arguments that an effect was executed with; undefined if only their hash was kept. Those that a human edited are on
 * record as they were given, and go through the tool's schema as they did then.
 */
export async function executedArgs(
  { context }: RunScope,
  tool: ToolSpec<unknown, unknown>,
  effect: EffectRecord,
): Promise<unknown> {
  if (droppedHash(effect.args) !== undefined) return undefined
  const args = decodeValue(effect.args)
  if (tool.inputSchema === undefined) return args
  const [approval] = await context.store.listApprovals({ effect: effect.id })
  if (approval === undefined || !approval.edited) return args
  return validate(tool.inputSchema, args, tool.name)
}
