// What a request is for.
export type {
  AnswerShape,
  Endpoint,
  FreeEndpoint,
  MeteredEndpoint,
  RequestAddress,
  ResultEndpoint,
  UnknownEndpoint,
  UnpricedEndpoint,
} from './endpoint/endpoint.ts'
export { endpointOf } from './endpoint/endpoint-of.ts'
// One attempt at a model request: for clients that hook in elsewhere than in a fetch.
export { asErrorOf, type SdkErrorClass } from './exchange/as-error-of.ts'
export { denialOf, deniedBy, type HasHeaders } from './exchange/denial.ts'
export type {
  Exchange,
  ExchangeRequest,
  GuardOptions,
  OpenExchange,
  SendRequest,
} from './exchange/exchange.ts'
export { isInsideExchange } from './exchange/inside-exchange.ts'
export { openExchange } from './exchange/open-exchange.ts'
// For everything that takes a fetch.
export { type GuardFetchOptions, guardFetch } from './guard-fetch.ts'
export { passRequest, type UnpaidRequest } from './pass-request.ts'
export { formFields } from './request/form-fields.ts'
// From a prompt to an answer, with tools in between: for adapters, which know their provider.
export type { AskedArguments, AskedCall, CallAnswer, Conversation, ModelTurn } from './tool-loop/conversation.ts'
export { runToolLoop } from './tool-loop/run-tool-loop.ts'
export type { RunToolsOptions, RunToolsResult } from './tool-loop/run-tools-options.ts'
export { type ShownTool, shownTools } from './tool-loop/shown-tools.ts'
// For packages that stand in an SDK's place.
export { requirable } from './util/requirable.ts'
