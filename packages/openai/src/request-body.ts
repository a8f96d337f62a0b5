import { formFields } from '@holdfast/http'
import type { SdkRequestOptions } from './sdk-client.ts'

/** A request's body as the caller made it, so that a resumed run knows it again: an object, or the fields of a form. */
export function requestBody({ body, __metadata }: SdkRequestOptions): unknown {
  if (typeof body === 'string') return parsed(body)
  if (body instanceof FormData) return formFields(body)
  return body ?? { model: __metadata?.model }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
