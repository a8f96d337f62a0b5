/** An answer with its response, as both SDKs give it. */
interface Answered<T> {
  readonly data: T
  readonly response: Response
  readonly request_id: string | null | undefined
}

interface Asked<T> extends PromiseLike<T> {
  asResponse(): Promise<Response>
  withResponse(): Promise<Answered<T>>
}

/** All that a caller can see of an answer: what it is, what it came with, or what it failed with. */
export async function seenOf(asked: Asked<unknown>): Promise<object> {
  try {
    const { data, response, request_id } = await asked.withResponse()
    const facts = { request_id, response: factsOf(response) }
    return isStream(data) ? { ...facts, ...(await eventsOf(data)) } : { ...facts, data: await plainData(data) }
  } catch (error) {
    return { error: errorView(error) }
  }
}

/** The bytes that a caller gets who reads the response itself. */
export async function bytesSeenOf(asked: Asked<unknown>): Promise<object> {
  try {
    return await bytesOf(await asked.asResponse())
  } catch (error) {
    return { error: errorView(error) }
  }
}

export async function bytesOf(response: Response): Promise<object> {
  const chunks: Uint8Array[] = []
  const read = async () => {
    for await (const chunk of response.body ?? []) chunks.push(chunk)
    return undefined
  }
  const error = await read().catch(errorView)
  return { response: factsOf(response), error, bytes: Buffer.concat(chunks).toString('latin1') }
}

async function eventsOf(stream: AsyncIterable<unknown>): Promise<object> {
  const events: unknown[] = []
  try {
    for await (const event of stream) events.push(event)
    return { events, error: undefined }
  } catch (error) {
    return { events, error: errorView(error) }
  }
}

function isStream(data: unknown): data is AsyncIterable<unknown> {
  return typeof data === 'object' && data !== null && Symbol.asyncIterator in data
}

/** Sound is given as the response itself. */
async function plainData(data: unknown): Promise<unknown> {
  return data instanceof Response ? bytesOf(data) : data
}

function factsOf({ status, statusText, headers, url, redirected, type, ok }: Response): object {
  return { status, statusText, headers: headersOf(headers), url, redirected, type, ok }
}

function headersOf(headers: Headers): object {
  return Object.fromEntries(headers)
}

/** Which class it is of counts, and every field that can be read. */
export function errorView(error: unknown): object {
  if (!(error instanceof Error)) return { thrown: error }
  const { name, message, cause } = error
  const fields = Object.entries(error).map(([key, value]) => [key, value instanceof Headers ? headersOf(value) : value])
  const shown = { is: error.constructor, name, message, ...Object.fromEntries(fields) }
  return cause === undefined ? shown : { ...shown, cause: errorView(cause) }
}
