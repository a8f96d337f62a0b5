import type { AnswerShape } from '../../endpoint/endpoint.ts'
import { Anthropic } from './anthropic.ts'
import { Gemini } from './gemini.ts'
import { Ollama } from './ollama.ts'
import { OpenaiChat } from './openai-chat.ts'
import { OpenaiMedia } from './openai-media.ts'
import { OpenaiResponses } from './openai-responses.ts'
import type { Protocol } from './protocol.ts'

const PROTOCOLS: Readonly<Record<AnswerShape, new () => Protocol>> = {
  'openai-chat': OpenaiChat,
  'openai-completions': OpenaiChat,
  'openai-responses': OpenaiResponses,
  // Nobody streams embeddings; should somebody begin to, it will look like the rest.
  'openai-embeddings': OpenaiResponses,
  'openai-images': OpenaiMedia,
  'openai-audio': OpenaiMedia,
  anthropic: Anthropic,
  gemini: Gemini,
  ollama: Ollama,
}

export function protocolOf(shape: AnswerShape): Protocol {
  return new PROTOCOLS[shape]()
}
