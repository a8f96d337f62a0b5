import { tool } from '../run/callable-tool.ts'
import type { ToolPolicy } from '../tool/tool-definition.ts'

interface Note {
  readonly note: string
}

/** Tools that write into one log what they do, and what undoes it. */
export class Deeds {
  readonly log: string[] = []

  /** Does `<name> <note>`; its compensation writes `undo <name> <note>`. */
  step(name: string, policy: ToolPolicy<Note, string> = {}) {
    return tool({
      name,
      execute: ({ note }: Note): string => {
        this.log.push(`${name} ${note}`)
        return `${name} ${note}`
      },
      compensate: (result: string) => {
        this.log.push(`undo ${result}`)
      },
      ...(policy as object),
    })
  }

  /** What was undone, in its order. */
  get undone(): string[] {
    return this.log.filter((line) => line.startsWith('undo ')).map((line) => line.slice('undo '.length))
  }
}
