import { fieldsOf, isFields } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'
import type { Dialect } from './dialect.ts'
import { providerName } from './provider-name.ts'

/** Where a member stands, from the request down. */
export type MemberPath = readonly string[]

/** Which API a request is for. */
export interface CapTarget {
  readonly dialect: Dialect | undefined
  readonly provider: string
  /** As the request names it. */
  readonly model?: string
}

/** Hosts of OpenAI's chat API that know its newer name, which counts thinking too; the others may know the older one only. */
const NEWER_CHAT = ['openai', 'azure', 'azure-openai', 'groq', 'xai', 'x-ai', 'cerebras']
/** OpenAI's models that refuse the older one, also behind a provider that nobody knows, or none. */
const NEWER_ONLY = /^(?:ft:)?(?:gpt-(?:[5-9]|\d{2})|o\d)/i

const CAPS: Readonly<Record<Dialect, readonly MemberPath[]>> = {
  'openai-chat': [['max_completion_tokens'], ['max_tokens']],
  'openai-completions': [['max_tokens']],
  'openai-responses': [['max_output_tokens']],
  'openai-embeddings': [],
  anthropic: [['max_tokens']],
  gemini: [
    ['generationConfig', 'maxOutputTokens'],
    ['generation_config', 'max_output_tokens'],
    ['generationConfig', 'max_output_tokens'],
    ['generation_config', 'maxOutputTokens'],
    ['config', 'maxOutputTokens'],
  ],
  ollama: [['options', 'num_predict']],
  'ai-sdk': [['maxOutputTokens']],
  plain: [],
}

/** Where a request may say how long its answers may be. */
export function capPaths(dialect: Dialect): readonly MemberPath[] {
  return CAPS[dialect]
}

/** Where to write a cap into a request that has none. */
export function newCapPath(request: Fields, { dialect, provider, model = '' }: CapTarget): MemberPath | undefined {
  if (dialect === undefined) return undefined
  const isNewer = NEWER_CHAT.includes(providerName(provider)) || NEWER_ONLY.test(model)
  if (dialect === 'openai-chat' && !isNewer) return ['max_tokens']
  if (dialect !== 'gemini') return CAPS[dialect][0]
  if (isFields(request.generation_config)) return ['generation_config', 'max_output_tokens']
  // What `@google/genai` takes.
  return isFields(request.config) ? ['config', 'maxOutputTokens'] : ['generationConfig', 'maxOutputTokens']
}

export function memberAt(request: Fields, path: MemberPath): unknown {
  return path.reduce<unknown>((value, name) => fieldsOf(value)[name], request)
}

/** A copy with another value at the path; what is not on the path is shared. */
export function withMember(fields: Fields, path: MemberPath, value: unknown): Fields {
  const [name, ...rest] = path
  if (name === undefined) return fields
  return { ...fields, [name]: rest.length === 0 ? value : withMember(fieldsOf(fields[name]), rest, value) }
}

/** A number of tokens that bounds something; undefined for what bounds nothing (null, -1). */
export function capValue(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
}
