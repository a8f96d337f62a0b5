import { formFields } from '@holdfast/http'
import type { SdkContext, SdkRequest } from './sdk-client.ts'

/**
 * What a request says, so that a resumed run knows it again. `isOwn`: no other middleware can have changed what the caller
 * made, which spares reading it again.
 */
export function requestBody(request: SdkRequest, { options }: SdkContext, isOwn: boolean): unknown {
  const { body } = request
  if (typeof body === 'string') return isOwn && isPlain(options?.body) ? options?.body : parsed(body)
  return body instanceof FormData ? formFields(body) : (body ?? undefined)
}

/** What the SDK makes JSON of. */
function isPlain(body: unknown): boolean {
  return Object.prototype.toString.call(body) === '[object Object]'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
