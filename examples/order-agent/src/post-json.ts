/** An answer that was not a success. Its `status` is what tells the ledger whether anything happened. */
export class HttpError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'HttpError'
    this.status = status
  }
}

/** What a request carries besides its body. */
export interface PostOptions {
  readonly idempotencyKey: string
  readonly signal: AbortSignal
}

/** Posts to a service that honours idempotency keys. Throws `HttpError`. */
export async function postJson<T>(url: string, body: unknown, options: PostOptions): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': options.idempotencyKey,
      'user-agent': `order-agent/${process.pid}`,
    },
    body: JSON.stringify(body),
    signal: options.signal,
  })
  return answerOf(response)
}

/** Asks a service. Throws `HttpError`. */
export async function getJson<T>(url: string, signal: AbortSignal): Promise<T> {
  return answerOf(await fetch(url, { headers: { 'user-agent': `order-agent/${process.pid}` }, signal }))
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer = (await response.json()) as T & { readonly error?: { readonly message: string } }
  if (!response.ok) throw new HttpError(response.status, answer.error?.message ?? response.statusText)
  return answer
}
