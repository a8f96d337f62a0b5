import { isPlainObject } from '../util/plain-object.ts'

/** A model request, taken apart. */
export interface RequestFacts {
  /** What the model reads, in its order: instructions, then messages. */
  conversation: unknown[]
  /** Everything else: model, tools, parameters. */
  rest: Record<string, unknown>
}

/** What the model is told before the conversation, by provider. */
const INSTRUCTIONS = ['system', 'instructions', 'systemInstruction', 'system_instruction'] as const
/** What the conversation goes on from when only its end is sent. */
const CONTINUED = ['previous_response_id', 'conversation'] as const
/** The conversation itself: OpenAI chat, Anthropic, Ollama chat; Responses; Gemini; AI SDK, Ollama generate. */
const MESSAGES = ['messages', 'input', 'contents', 'prompt'] as const

/**
 * Takes a request body of any provider that we know apart; of any other shape, the whole request is one message.
 */
export function requestFacts(request: unknown): RequestFacts {
  if (!isRecord(request)) return { conversation: [request], rest: {} }
  const field = MESSAGES.find((name) => request[name] !== undefined)
  if (field === undefined) return { conversation: [request], rest: {} }
  const read = new Set<string>([...INSTRUCTIONS, ...CONTINUED, field])
  const heads = [...INSTRUCTIONS, ...CONTINUED].filter((name) => request[name] !== undefined)
  return {
    conversation: [...heads, field].flatMap((name) => asList(request[name])),
    rest: Object.fromEntries(Object.entries(request).filter(([name]) => !read.has(name))),
  }
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && isPlainObject(value)
}
