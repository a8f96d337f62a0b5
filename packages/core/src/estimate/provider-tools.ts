import { fieldsOf, itemsOf } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'
import type { Dialect } from './dialect.ts'

/** Tools of the caller's own, which the request describes. */
const OWN_TOOLS = ['function', 'custom']
/** Tools that the caller runs: what they bring in comes with its next request. Everything else, the provider runs. */
const OPENAI_CLIENT_TOOLS = ['apply_patch', 'local_shell', 'computer_use_preview', 'computer']
const ANTHROPIC_CLIENT_TOOL = /^(?:bash|text_editor|computer|memory)_\d+$/
const GEMINI_CLIENT_TOOLS = ['functionDeclarations', 'function_declarations', 'computerUse', 'computer_use']
const AI_SDK_CLIENT_TOOL =
  /^(?:openai\.(?:custom|apply_patch|local_shell|computer_use_preview)|\w+\.(?:bash|text_editor|computer|memory)_\d+)$/

/** What the provider tells the model of a tool that it defines itself: the request has its name only. */
export const DEFINED_TOOL_TOKENS = 1_000

export interface RequestTools {
  /** Those that the provider runs, such as `tools[0]: web_search`. */
  readonly providers: readonly string[]
  /** How many the caller runs, but the provider defines. */
  readonly defined: number
  readonly count: number
}

interface ToolKind {
  readonly name: string
  readonly runBy: 'caller' | 'provider'
  readonly isDefined: boolean
}

/** Sorts the tools of a request by who runs them. */
export function requestTools(request: unknown, dialect: Dialect | undefined): RequestTools {
  const fields = fieldsOf(request)
  // Where `@google/genai` takes them.
  const inConfig = dialect === 'gemini' ? fieldsOf(fields.config).tools : undefined
  const where = inConfig === undefined ? 'tools' : 'config.tools'
  const kinds = itemsOf(inConfig ?? fields.tools).map((tool) => kindOf(tool, dialect))
  return {
    providers: kinds.flatMap(({ runBy, name }, index) => (runBy === 'provider' ? [`${where}[${index}]: ${name}`] : [])),
    defined: kinds.filter(({ isDefined }) => isDefined).length,
    count: kinds.length,
  }
}

function kindOf(tool: Fields, dialect: Dialect | undefined): ToolKind {
  if (dialect === 'gemini') return geminiTool(tool)
  const type = typeof tool.type === 'string' ? tool.type : 'function'
  if (OWN_TOOLS.includes(type)) return plain(type)
  if (dialect === 'ai-sdk') return aiSdkTool(tool, type)
  return dialect === 'anthropic' ? defined(type, ANTHROPIC_CLIENT_TOOL.test(type)) : openAiTool(tool, type)
}

function openAiTool(tool: Fields, type: string): ToolKind {
  switch (type) {
    // A group of tools, which are loaded when they are searched for.
    case 'namespace': {
      const inner = itemsOf(tool.tools).map((one) => kindOf(one, undefined))
      return inner.find(({ runBy }) => runBy === 'provider') ?? plain(type)
    }
    case 'tool_search':
      return defined(type, tool.execution === 'client')
    case 'shell':
      return defined(type, fieldsOf(tool.environment).type === 'local')
    default:
      return defined(type, OPENAI_CLIENT_TOOLS.includes(type))
  }
}

function geminiTool(tool: Fields): ToolKind {
  const names = Object.keys(tool).filter((name) => tool[name] !== undefined && tool[name] !== null)
  const [providers] = names.filter((name) => !GEMINI_CLIENT_TOOLS.includes(name))
  return providers === undefined ? plain('function') : { name: providers, runBy: 'provider', isDefined: false }
}

function aiSdkTool(tool: Fields, type: string): ToolKind {
  const name = typeof tool.id === 'string' ? tool.id : type
  return defined(name, AI_SDK_CLIENT_TOOL.test(name))
}

function plain(name: string): ToolKind {
  return { name, runBy: 'caller', isDefined: false }
}

/** What it does is the provider's definition, whoever runs it. */
function defined(name: string, isCallers: boolean): ToolKind {
  return { name, runBy: isCallers ? 'caller' : 'provider', isDefined: isCallers }
}
