import { type EndpointTable, endpointTable, FREE, unpriced } from '../endpoint-table.ts'

/**
 * Bedrock's own API: signed, so that a request cannot be given a cap, and streamed in a form that is not read here.
 * Claude and OpenAI's models are metered on Bedrock's compatible paths, and by the clients of their makers.
 */
export const bedrock: EndpointTable = endpointTable([
  ['POST', '/model/{model}/invoke', unpriced('invoke')],
  ['POST', '/model/{model}/invoke-with-response-stream', unpriced('invoke-with-response-stream')],
  ['POST', '/model/{model}/converse', unpriced('converse')],
  ['POST', '/model/{model}/converse-stream', unpriced('converse-stream')],
  ['POST', '/async-invoke', unpriced('async-invoke')],
  ['POST', '/guardrail/{id}/version/{any}/apply', unpriced('guardrail.apply')],
  ['POST', '/model/{model}/count-tokens', FREE],
])
