import { isFields } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'
import { providerName } from './provider-name.ts'

/** The shapes of requests that we know. `plain`: a text or a list of messages, from which its sender makes the request. */
export const DIALECTS = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'openai-embeddings',
  'anthropic',
  'gemini',
  'ollama',
  'ai-sdk',
  'plain',
] as const
export type Dialect = (typeof DIALECTS)[number]

// What they make is no text, or they read no text: neither bytes nor a cap on tokens bounds them.
const NOT_ABOUT_TEXT = /dall-e|gpt-image|chatgpt-image|imagen|sora|veo-|flux|tts|whisper|transcribe|moderation/i
// Of Bedrock's own `Converse`, which we do not know.
const CONVERSE = ['inferenceConfig', 'toolConfig', 'modelId'] as const
const OF_OPENAI_CHAT = ['max_tokens', 'max_completion_tokens', 'stream_options', 'response_format'] as const
// Of Gemini's interactions, which we do not know: a cap stands elsewhere in them.
const OF_INTERACTIONS = ['generation_config', 'previous_interaction_id', 'agent'] as const
const OF_EMBEDDINGS = ['encoding_format', 'dimensions', 'input_type'] as const

/** Which shape a request has; its provider is only a hint. Undefined for one that we do not know. */
export function dialectOf(provider: string, model: string, request: unknown): Dialect | undefined {
  if (typeof request === 'string' || Array.isArray(request)) return 'plain'
  if (!isFields(request)) return undefined
  if (request.contents !== undefined) return 'gemini'
  if (Array.isArray(request.messages)) return dialectOfMessages(provider, model, request)
  if (NOT_ABOUT_TEXT.test(model)) return undefined
  if (request.prompt !== undefined && request.input === undefined) return dialectOfPrompt(provider, request)
  if (request.input !== undefined || request.previous_response_id !== undefined)
    return dialectOfInput(provider, model, request)
  return undefined
}

function dialectOfMessages(provider: string, model: string, request: Fields): Dialect | undefined {
  if (hasAny(request, CONVERSE)) return undefined
  if (isFields(request.options)) return 'ollama'
  const name = providerName(provider)
  if (name === 'ollama' && !hasAny(request, OF_OPENAI_CHAT)) return 'ollama'
  return name === 'anthropic' || isAnthropic(name, model, request) ? 'anthropic' : 'openai-chat'
}

/** By what only Anthropic's requests have; a Claude behind an OpenAI-compatible host has none of it. */
function isAnthropic(name: string, model: string, request: Fields): boolean {
  if (request.system !== undefined || request.anthropic_version !== undefined) return true
  const [tool] = Array.isArray(request.tools) ? request.tools : []
  if (isFields(tool) && tool.input_schema !== undefined) return true
  if (isFields(request.thinking) && request.thinking.budget_tokens !== undefined) return true
  return (
    model.startsWith('claude') && !hasAny(request, ['max_completion_tokens', 'stream_options']) && name !== 'openai'
  )
}

function dialectOfPrompt(provider: string, request: Fields): Dialect | undefined {
  const { prompt } = request
  if (Array.isArray(prompt) && isFields(prompt[0])) return 'ai-sdk'
  // A prompt that OpenAI keeps.
  if (isFields(prompt)) return 'openai-responses'
  if (providerName(provider) === 'ollama' || isFields(request.options)) return 'ollama'
  return typeof prompt === 'string' || Array.isArray(prompt) ? 'openai-completions' : undefined
}

function dialectOfInput(provider: string, model: string, request: Fields): Dialect | undefined {
  // Speech.
  if (request.voice !== undefined) return undefined
  const { input } = request
  const [first] = Array.isArray(input) ? input : []
  const isList = first !== undefined && !isFields(first)
  if (isList || /embed|voyage/i.test(model) || hasAny(request, OF_EMBEDDINGS)) return 'openai-embeddings'
  return hasAny(request, OF_INTERACTIONS) || isGoogle(provider, model) ? undefined : 'openai-responses'
}

function isGoogle(provider: string, model: string): boolean {
  return /^(?:google|gemini|vertex)/.test(providerName(provider)) || /^(?:models\/)?gemini/i.test(model)
}

function hasAny(request: Fields, names: readonly string[]): boolean {
  return names.some((name) => request[name] !== undefined)
}
