import { formFields } from './form-fields.ts'

/** What a body says, as far as it can be told without taking it from who sends it. */
export interface ReadBody {
  /** JSON as it is sent. */
  readonly text: string | undefined
  /** What the JSON says, or the fields of a form. */
  readonly body: unknown
}

const UNREAD: ReadBody = { text: undefined, body: undefined }
const JSON_TYPE = /[/+]json\b/i
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i
// What fetch says of a text by itself.
const PLAIN_TYPE = /^text\/plain\b/i

/** Of a body that was given to fetch. Streams, and bytes that are no JSON, are not looked at. */
export async function readBody(body: unknown, headers: Headers): Promise<ReadBody> {
  if (typeof body === 'string') return readText(body, headers)
  switch (kindOf(body)) {
    case 'FormData':
    case 'URLSearchParams':
      return { text: undefined, body: formFields(body as FormData) }
    case 'Blob':
    case 'File':
      return readBlob(body as Blob, headers)
    default:
      return isBytes(body) ? readBytes(body, headers) : UNREAD
  }
}

/** Of a `Request`: its JSON, from a copy. */
export async function readOwnBody(request: Request, headers: Headers): Promise<ReadBody> {
  if (request.body === null || request.bodyUsed || isEncoded(headers) || !JSON_TYPE.test(typeIn(headers))) return UNREAD
  return parsed(await request.clone().text())
}

function readText(text: string, headers: Headers): ReadBody {
  const type = typeIn(headers)
  if (FORM_TYPE.test(type)) return { text: undefined, body: formFields(new URLSearchParams(text)) }
  return isJson(type, text) ? parsed(text) : UNREAD
}

async function readBlob(blob: Blob, headers: Headers): Promise<ReadBody> {
  if (isEncoded(headers) || !JSON_TYPE.test(typeIn(headers) || blob.type)) return UNREAD
  return parsed(await blob.text())
}

function readBytes(bytes: ArrayBuffer | ArrayBufferView, headers: Headers): ReadBody {
  if (isEncoded(headers) || !JSON_TYPE.test(typeIn(headers))) return UNREAD
  try {
    return parsed(new TextDecoder('utf-8', { fatal: true }).decode(bytes as ArrayBuffer))
  } catch {
    return UNREAD
  }
}

function parsed(text: string): ReadBody {
  try {
    return { text, body: JSON.parse(text) }
  } catch {
    return UNREAD
  }
}

/** Callers that name no type send JSON all the same. */
function isJson(type: string, text: string): boolean {
  if (JSON_TYPE.test(type)) return true
  return (type === '' || PLAIN_TYPE.test(type)) && /^\s*[{[]/.test(text)
}

function typeIn(headers: Headers): string {
  return headers.get('content-type') ?? ''
}

function isEncoded(headers: Headers): boolean {
  return (headers.get('content-encoding') ?? 'identity') !== 'identity'
}

function isBytes(body: unknown): body is ArrayBuffer | ArrayBufferView {
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body)
}

/** By its tag: SDKs bring forms and blobs of other classes than the global ones. */
function kindOf(body: unknown): string {
  return Object.prototype.toString.call(body).slice(8, -1)
}
