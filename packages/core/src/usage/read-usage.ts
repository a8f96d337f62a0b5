import { readAnthropic } from './anthropic.ts'
import { fieldsOf, isFields, unlessImpossible } from './fields.ts'
import { readGemini } from './gemini.ts'
import { readOllama } from './ollama.ts'
import { readOpenaiChat } from './openai-chat.ts'
import { readOpenaiImages } from './openai-images.ts'
import { readOpenaiResponses } from './openai-responses.ts'
import type { Fields, UsageContext, UsageReader, UsageReading } from './usage-reading.ts'

const ANTHROPIC = ['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation', 'server_tool_use']
const GEMINI = ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount']
const OLLAMA = ['prompt_eval_count', 'eval_count']
const CHAT = ['prompt_tokens', 'completion_tokens']
const RESPONSES = ['input_tokens', 'output_tokens']
const BARE = [...CHAT, ...RESPONSES]
/** What the last event of a stream wraps the answer in. */
const WRAPPERS = ['response', 'message'] as const

/**
 * What a provider says that a call used: from the body of its answer, from the event of a stream that tells, or from a
 * usage object alone. Knows the shapes of OpenAI (chat, responses, embeddings, images, transcriptions), of the hosts that
 * speak like it, of Anthropic, Gemini and Ollama, and overlooks members that it does not know.
 *
 * Undefined where nothing was told, which is never the same as nothing used; and where a count is told that no call can
 * have: negative, a fraction, a text, more than a billion.
 */
export function readUsage(answer: unknown, context: UsageContext = {}): UsageReading | undefined {
  return unlessImpossible(() => readTold(answer, context))
}

/** The same within `unlessImpossible`: what is impossible is thrown, and hides what was told before it. */
export function readTold(answer: unknown, context: UsageContext): UsageReading | undefined {
  if (!isFields(answer)) return undefined
  const body = withUsage(unwrapped(answer))
  return readerOf(body)?.(body, context)
}

/** Streams end with an event that holds the whole answer, or a part of it. */
function unwrapped(answer: Fields): Fields {
  if (isFields(answer.usage)) return answer
  const wrapped = WRAPPERS.map((name) => answer[name]).find((inner) => isFields(inner) && isFields(inner.usage))
  return isFields(wrapped) ? wrapped : answer
}

/** A usage object stands for the answer that it came with. */
function withUsage(body: Fields): Fields {
  const isBare = hasOne(body, BARE) || body.type === 'duration'
  return isBare && !isFields(body.usage) ? { usage: body } : body
}

function readerOf(body: Fields): UsageReader | undefined {
  if (isFields(body.usageMetadata) || hasOne(body, GEMINI)) return readGemini
  if (hasOne(body, OLLAMA)) return readOllama
  const usage = fieldsOf(body.usage ?? fieldsOf(body.x_groq).usage)
  if (hasOne(usage, CHAT)) return readOpenaiChat
  if (isFields(body.svg_usage) || isFields(usage.svg_usage)) return readOpenaiImages
  if (!hasOne(usage, RESPONSES) && usage.type !== 'duration') return undefined
  if (body.type === 'message' || hasOne(usage, ANTHROPIC)) return readAnthropic
  return isImages(body, usage) ? readOpenaiImages : readOpenaiResponses
}

/** Made images come as data; alone, their usage tells images from text, but has no cache. */
function isImages(body: Fields, usage: Fields): boolean {
  if (Array.isArray(body.data)) return true
  if (/^image_(generation|edit)\.completed$/.test(String(body.type))) return true
  const details = fieldsOf(usage.input_tokens_details)
  return body.object !== 'response' && 'image_tokens' in details && !('cached_tokens' in details)
}

function hasOne(fields: Fields, names: readonly string[]): boolean {
  return names.some((name) => typeof fields[name] === 'number' || isFields(fields[name]))
}
