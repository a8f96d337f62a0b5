import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request with its body read. */
export interface JsonRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** What a handler answers. `undefined` instead of it: never answer (the client is going to die). */
export interface JsonAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers a request, at once or later. */
export type Handler = (request: JsonRequest) => JsonAnswer | undefined | Promise<JsonAnswer>

/** Listens on a free port of the loopback interface and returns the address. */
export async function serveJson(handle: Handler): Promise<string> {
  const server = createServer((request, response) => {
    respond(request, response, handle).catch((error: unknown) => {
      send(response, { status: 500, body: { error: { type: 'api_error', message: String(error) } } })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function respond(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
  const text = await bodyOf(request)
  const { method = 'GET', url = '/', headers } = request
  const body = parsed(text)
  if (body === undefined) return send(response, invalid('The body is not JSON.'))
  const answer = await handle({ method, path: url, headers, body })
  if (answer !== undefined) send(response, answer)
}

/** The answer to a request that nobody can act on. */
export function invalid(message: string, status = 400): JsonAnswer {
  return { status, body: { error: { type: 'invalid_request_error', message } } }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, answer: JsonAnswer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
  response.end(JSON.stringify(answer.body))
}
