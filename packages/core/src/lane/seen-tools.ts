import type { ToolSpec } from '../tool/tool-spec.ts'

type Spec = ToolSpec<unknown, unknown>

/**
 * The very tools that a tree of runs used in this process: a tool may be made anew for each call, and its compensation
 * closes over what that call knew. Mostly there is one of a name, and then nothing is kept per effect.
 */
export class SeenTools {
  readonly #byName = new Map<string, Spec>()
  readonly #byEffect = new Map<number, Spec>()

  remember(tool: Spec, effect: number): void {
    const first = this.#byName.get(tool.name)
    if (first === undefined) this.#byName.set(tool.name, tool)
    else if (first !== tool) this.#byEffect.set(effect, tool)
  }

  find(name: string, effect?: number): Spec | undefined {
    return (effect === undefined ? undefined : this.#byEffect.get(effect)) ?? this.#byName.get(name)
  }
}
