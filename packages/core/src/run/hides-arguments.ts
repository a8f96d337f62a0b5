import type { AnyTool } from '../tool/tool.ts'
import { TOOL_SPEC } from '../tool/tool.ts'
import type { RunCore } from './run-core.ts'

/** Whether a tool of this name, as far as it is known here, hides what it is called with. */
export function hidesArguments(name: string, tools: ReadonlyMap<string, AnyTool>, core?: RunCore): boolean {
  const spec = core?.tools.find(name) ?? tools.get(name)?.[TOOL_SPEC]
  return spec !== undefined && spec.record !== 'full'
}
