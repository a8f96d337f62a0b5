import type { ToolSpec } from '../tool/tool-spec.ts'
import { sharedState } from '../util/shared-state.ts'

type Spec = ToolSpec<unknown, unknown>

/** Tools of this process about which a human was asked, by name: their schemas check what an approval edits. */
export function askedTool(identity: object, name: string): Spec | undefined {
  return toolsOf(identity).get(name)
}

export function rememberAsked(identity: object, tool: Spec): void {
  toolsOf(identity).set(tool.name, tool)
}

function toolsOf(identity: object): Map<string, Spec> {
  const all = sharedState('asked-tools', () => new WeakMap<object, Map<string, Spec>>())
  const tools = all.get(identity) ?? new Map<string, Spec>()
  all.set(identity, tools)
  return tools
}
