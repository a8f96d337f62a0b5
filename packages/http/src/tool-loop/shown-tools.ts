import { type AnyTool, ConfigError } from 'holdfast'

/** What a model is told of a tool. */
export interface ShownTool {
  readonly name: string
  readonly description: string | undefined
  /** JSON Schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** The part of a tool's specification that is for models. */
interface ModelSpec {
  readonly name: string
  readonly description: string | undefined
  readonly parameters: ShownTool['parameters'] | undefined
  readonly inputSchema:
    | { readonly '~standard': { readonly vendor: string; readonly jsonSchema?: Converter } }
    | undefined
}

/** Of the standard that says how a schema tells itself as JSON Schema. */
interface Converter {
  input(options: { readonly target: string }): Readonly<Record<string, unknown>>
}

/** The same in every copy of core. */
const TOOL_SPEC = Symbol.for('holdfast.tool.v1')

/** Anthropic checks schemas by this one, and OpenAI takes it. */
const TARGET = 'draft-2020-12'

/** What a model is to be told of these tools. Throws `ConfigError`, which names the tool that cannot be shown. */
export function shownTools(tools: readonly AnyTool[]): readonly ShownTool[] {
  const names = new Set<string>()
  return tools.map((tool, index) => {
    const spec = (tool as unknown as Record<symbol, ModelSpec | undefined> | undefined)?.[TOOL_SPEC]
    if (spec === undefined)
      throw new ConfigError(`runTools: tools[${index}] is not made by tool({ … }). Nothing was sent.`)
    const { name, description } = spec
    if (names.has(name)) throw new ConfigError(`runTools: two tools are called '${name}'. Nothing was sent.`)
    names.add(name)
    return { name, description, parameters: spec.parameters ?? fromSchema(spec) }
  })
}

function fromSchema({ name, inputSchema }: ModelSpec): ShownTool['parameters'] {
  const converter = inputSchema?.['~standard'].jsonSchema
  if (converter === undefined) {
    const why =
      inputSchema === undefined
        ? 'has neither'
        : `has an \`inputSchema\` of ${inputSchema['~standard'].vendor}, which does not tell itself as JSON Schema`
    throw notShown(name, why)
  }
  const { $schema: _, ...schema } = converted(name, converter)
  if (schema.type !== 'object') throw notShown(name, 'has an `inputSchema` that is no object')
  return schema
}

function converted(name: string, converter: Converter): Readonly<Record<string, unknown>> {
  try {
    return converter.input({ target: TARGET })
  } catch (cause) {
    throw notShown(name, 'has an `inputSchema` that has no JSON Schema', cause)
  }
}

function notShown(name: string, why: string, cause?: unknown): ConfigError {
  const message = `runTools: a model is told a tool's arguments by \`parameters\` (JSON Schema) or by an \`inputSchema\` that tells itself as JSON Schema (zod 4.2 and later); tool '${name}' ${why}. Nothing was sent. Give it \`parameters\`.`
  return new ConfigError(message, cause === undefined ? {} : { cause })
}
