import { type EndpointTable, endpointTable, FREE, metered, result, unpriced } from '../endpoint-table.ts'

/** Endpoints, and who serves them. */
export interface Place {
  readonly provider: string
  readonly table: EndpointTable
}

/**
 * What is told by its path alone, on a host that nobody knows: a proxy, a server of one's own. Only paths that hardly mean
 * anything else are here: short ones with a version before them.
 */
export const ANYWHERE: readonly Place[] = [
  {
    provider: 'openai',
    table: endpointTable([
      ['POST', '/chat/completions', metered('chat.completions', 'openai-chat')],
      ['POST', '/v*/completions', metered('completions', 'openai-completions')],
      ['POST', '/v*/responses', metered('responses', 'openai-responses')],
      ['POST', '/v*/responses/compact', metered('responses.compact', 'openai-responses')],
      ['GET', '/v*/responses/{id}', result('responses.retrieve', 'openai-responses')],
      ['POST', '/v*/responses/{id}/cancel', result('responses.cancel', 'openai-responses')],
      ['POST', '/v*/responses/input_tokens', FREE],
      ['POST', '/v*/embeddings', metered('embeddings', 'openai-embeddings')],
      ['POST', '/v*/images/generations', metered('images.generations', 'openai-images')],
      ['POST', '/v*/images/edits', metered('images.edits', 'openai-images')],
      ['POST', '/v*/images/variations', metered('images.variations', 'openai-images')],
      ['POST', '/v*/audio/speech', metered('audio.speech', 'openai-audio')],
      ['POST', '/v*/audio/transcriptions', metered('audio.transcriptions', 'openai-audio')],
      ['POST', '/v*/audio/translations', metered('audio.translations', 'openai-audio')],
      ['POST', '/v*/batches', unpriced('batches')],
      ['GET', '/v*/batches/{id}', result('batches.retrieve', 'openai-batch')],
      ['POST', '/v*/batches/{id}/cancel', result('batches.cancel', 'openai-batch')],
    ]),
  },
  {
    provider: 'anthropic',
    table: endpointTable([
      ['POST', '/v*/messages', metered('messages', 'anthropic')],
      ['POST', '/v*/messages/count_tokens', FREE],
      ['POST', '/v*/messages/batches', unpriced('messages.batches')],
      ['GET', '/v*/messages/batches/{id}', FREE],
      ['GET', '/v*/messages/batches/{id}/results', result('messages.batches.results', 'anthropic-batch-results')],
      ['POST', '/v*/messages/batches/{id}/cancel', FREE],
    ]),
  },
  {
    provider: 'google',
    table: endpointTable([
      ['POST', '/models/{model}:generateContent', metered('generateContent', 'gemini', false)],
      ['POST', '/models/{model}:streamGenerateContent', metered('streamGenerateContent', 'gemini', true)],
      ['POST', '/models/{model}:embedContent', metered('embedContent', 'gemini', false)],
      ['POST', '/models/{model}:batchEmbedContents', metered('batchEmbedContents', 'gemini', false)],
    ]),
  },
]
