import type { StandardSchemaV1 } from '@standard-schema/spec'
import { tool } from '../../run/callable-tool.ts'
import type { EffectContext, ToolPolicy } from '../../tool/tool-definition.ts'

interface Note {
  readonly note: string
}

/** Takes `{ note }` and trims it. */
const noteSchema: StandardSchemaV1<Note, Note> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const note = (value as Partial<Note> | null | undefined)?.note
      if (typeof note !== 'string') return { issues: [{ message: 'must be text', path: ['note'] }] }
      return { value: { note: note.trim() } }
    },
  },
}

type Overrides = ToolPolicy<Note, string> & { readonly execute?: (args: Note, context: EffectContext) => string }

/** A tool with a schema that needs an approval; `done` grows with every execution of its body. */
export function noteTool(overrides: Overrides = {}) {
  const done: string[] = []
  const charge = tool({
    name: 'charge',
    approval: true,
    inputSchema: noteSchema,
    execute: ({ note }: Note): string => {
      done.push(note)
      return note
    },
    ...overrides,
  })
  return { charge, done }
}
