import { type EndpointTable, endpointTable, FREE, metered, result, unpriced } from '../endpoint-table.ts'

/** Anthropic's messages, which others serve likewise. */
export const anthropicMessages: EndpointTable = endpointTable([
  ['POST', '/v*/messages', metered('messages', 'anthropic')],
  ['POST', '/v*/messages/count_tokens', FREE],
  ['POST', '/v*/messages/batches', unpriced('messages.batches')],
  ['GET', '/v*/messages/batches/{id}', FREE],
  ['GET', '/v*/messages/batches/{id}/results', result('messages.batches.results', 'anthropic-batch-results')],
  ['POST', '/v*/messages/batches/{id}/cancel', FREE],
])
