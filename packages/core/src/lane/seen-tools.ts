import type { ToolSpec } from '../tool/tool-spec.ts'

type Spec = ToolSpec<unknown, unknown>

/**
 * The very tools that a tree of runs used in this process: a tool may be made anew for each call, and its compensation
 * closes over what that call knew. Mostly there is one of a name, and then nothing is kept per effect.
 */
export class SeenTools {
  readonly #byName = new Map<string, Spec>()
  readonly #byEffect = new Map<number, Spec>()

  /** A tool of the tree is called: its name stands for it unless another one has that. */
  see(tool: Spec): void {
    if (!this.#byName.has(tool.name)) this.#byName.set(tool.name, tool)
  }

  /** The effect that a call of it is. */
  remember(tool: Spec, effect: number): void {
    this.see(tool)
    if (tool.compensate !== undefined && this.#byName.get(tool.name) !== tool) this.#byEffect.set(effect, tool)
  }

  find(name: string, effect?: number): Spec | undefined {
    return (effect === undefined ? undefined : this.#byEffect.get(effect)) ?? this.#byName.get(name)
  }
}
