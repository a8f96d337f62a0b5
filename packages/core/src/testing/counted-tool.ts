import { tool } from '../run/callable-tool.ts'
import type { Tool } from '../tool/tool.ts'
import type { ToolPolicy } from '../tool/tool-definition.ts'

interface Note {
  readonly note: string
}

/** A tool that remembers what it did: `done` grows with every execution of its body. */
export function countedTool(name: string, policy: ToolPolicy<Note, string> = {}) {
  const done: string[] = []
  const counted: Tool<string, Note, string> = tool({
    name,
    ...policy,
    execute: ({ note }: Note): string => {
      done.push(note)
      return `${name} of ${note}`
    },
  })
  return Object.assign(counted, { done })
}

/** A body that the test ends when it wants to; `started` resolves when it runs. */
export function gate<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const pass = (): Promise<T> => {
    start()
    return promise
  }
  return { started, pass, open: resolve, break: reject }
}
