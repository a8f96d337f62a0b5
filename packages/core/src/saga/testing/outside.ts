import { NotAppliedError } from '../../errors/not-applied-error.ts'
import { tool } from '../../run/callable-tool.ts'
import type { Tool } from '../../tool/tool.ts'
import type { ToolPolicy } from '../../tool/tool-definition.ts'

interface Deed {
  readonly of: string
}
type Policy = Omit<ToolPolicy<Deed, { readonly id: string }>, 'compensate'>
type DeedTool = Tool<string, Deed, { readonly id: string }>

/** A world that remembers what was done in it and what was undone: `pay`, `undo pay`. */
export class Outside {
  readonly log: string[] = []

  /** Does something that can be undone. */
  deed(name: string, policy: Policy = {}, hooks: Hooks = {}): DeedTool {
    return tool({
      name,
      ...policy,
      execute: async ({ of }: Deed) => {
        await hooks.before?.()
        this.log.push(`${name} ${of}`)
        return { id: `${name} ${of}` }
      },
      compensate: async ({ id }) => {
        await hooks.beforeUndo?.()
        this.log.push(`undo ${id}`)
      },
    })
  }

  /** Fails, and says that nothing happened. */
  failing(name: string, policy: Policy = {}, error: () => unknown = () => new NotAppliedError(`no ${name}`)): DeedTool {
    return tool({
      name,
      ...policy,
      execute: ({ of }: Deed): { readonly id: string } => {
        this.log.push(`try ${name} ${of}`)
        throw error()
      },
      compensate: ({ id }) => {
        this.log.push(`undo ${id}`)
      },
    })
  }
}

/** What a deed waits for. */
interface Hooks {
  readonly before?: () => unknown
  readonly beforeUndo?: () => unknown
}
