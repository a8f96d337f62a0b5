import { fieldsOf } from '../usage/fields.ts'
import type { CallRequest } from './call-request.ts'

/** A call as it is paid for and recorded: its model is the one that its request names, since that is what is asked. */
export interface AskedCall<Response = unknown> extends CallRequest<Response> {
  /** What its caller calls the model, where that is another one. */
  readonly label?: string
}

/** A request that names no model is one for the model that its caller says. */
export function askedCall<T>(call: CallRequest<T>): AskedCall<T> {
  const { model } = fieldsOf(call.request)
  if (typeof model !== 'string' || model === '' || model === call.model) return call
  return { ...call, model, label: call.model }
}
