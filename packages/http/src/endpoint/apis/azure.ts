import { type EndpointTable, endpointTable, metered, unpriced } from '../endpoint-table.ts'

/** Azure names the deployment in the path, where OpenAI has the model in the body. */
export const azure: EndpointTable = endpointTable([
  ['POST', '/deployments/{model}/chat/completions', metered('chat.completions', 'openai-chat')],
  ['POST', '/deployments/{model}/extensions/chat/completions', metered('chat.completions', 'openai-chat')],
  ['POST', '/deployments/{model}/completions', metered('completions', 'openai-completions')],
  ['POST', '/deployments/{model}/embeddings', metered('embeddings', 'openai-embeddings')],
  ['POST', '/deployments/{model}/images/generations', metered('images.generations', 'openai-images')],
  ['POST', '/deployments/{model}/images/edits', metered('images.edits', 'openai-images')],
  ['POST', '/deployments/{model}/audio/speech', metered('audio.speech', 'openai-audio')],
  ['POST', '/deployments/{model}/audio/transcriptions', metered('audio.transcriptions', 'openai-audio')],
  ['POST', '/deployments/{model}/audio/translations', metered('audio.translations', 'openai-audio')],
  ['POST', '/images/embeddings', unpriced('images.embeddings')],
  ['POST', '/images/generations:submit', unpriced('images.generations')],
  ['POST', '/video/generations/jobs', unpriced('videos')],
])
