import { type EndpointTable, endpointTable, FREE, metered, unpriced } from '../endpoint-table.ts'

/** Ollama's own API. Its cloud is billed, a model on the own machine has the price that the prices say. */
export const ollama: EndpointTable = endpointTable([
  ['POST', '/api/chat', metered('chat', 'ollama')],
  ['POST', '/api/generate', metered('generate', 'ollama')],
  ['POST', '/api/embed', metered('embed', 'ollama')],
  ['POST', '/api/embeddings', metered('embeddings', 'ollama')],
  ['POST', '/api/web_search', unpriced('web_search')],
  ['POST', '/api/web_fetch', unpriced('web_fetch')],
  ['POST', '/api/show', FREE],
  ['POST', '/api/pull', FREE],
  ['POST', '/api/push', FREE],
  ['POST', '/api/create', FREE],
  ['POST', '/api/copy', FREE],
  ['POST', '/api/blobs/{id}', FREE],
  ['POST', '/api/me', FREE],
  ['POST', '/api/signout', FREE],
])
