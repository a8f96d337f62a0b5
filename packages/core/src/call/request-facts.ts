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
const CONTINUED = ['previous_response_id', 'conversation', 'context'] as const
/** The conversation itself: OpenAI chat, Anthropic, Ollama chat; Responses; Gemini; AI SDK, Ollama generate. */
const MESSAGES = ['messages', 'input', 'contents', 'prompt'] as const
/** What stands beside a text that it is about. */
const BESIDE = ['images', 'image', 'mask', 'suffix'] as const
const READ: readonly string[] = [...INSTRUCTIONS, ...CONTINUED, ...MESSAGES, ...BESIDE]

/**
 * Takes a request body of any provider that we know apart; of any other shape, the whole request is one message.
 */
export function requestFacts(request: unknown): RequestFacts {
  if (!isRecord(request) || !hasConversation(request)) return { conversation: [request], rest: {} }
  return {
    conversation: READ.filter((name) => request[name] !== undefined).flatMap((name) => asList(request[name])),
    rest: Object.fromEntries(Object.entries(request).filter(([name]) => !READ.includes(name))),
  }
}

/** Whether it says what a model is to read in a field that we know. */
export function hasConversation(request: Readonly<Record<string, unknown>>): boolean {
  return MESSAGES.some((name) => request[name] !== undefined)
}

/** Tokens are one part together: to hash each of them takes too long. */
function asList(value: unknown): unknown[] {
  return Array.isArray(value) && typeof value[0] !== 'number' ? value : [value]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && isPlainObject(value)
}
