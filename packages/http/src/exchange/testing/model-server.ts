import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as it came over the wire. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what the client sent
  readonly body: any
}

/** Answers one request; what it does not end stays open. */
export type Answer = (response: ServerResponse, request: Arrived) => void | Promise<void>

/** A provider on a local socket that answers as its script says, one answer for each request. */
export interface ModelServer {
  readonly url: string
  readonly arrived: readonly Arrived[]
  /** What comes next. */
  script(...answers: readonly Answer[]): void
}

export async function modelServer(...script: readonly Answer[]): Promise<ModelServer> {
  const arrived: Arrived[] = []
  const left = [...script]
  const http = createServer(async (request, response) => {
    const one = await read(request)
    arrived.push(one)
    const answer = left.shift() ?? ((end: ServerResponse) => end.writeHead(418).end('the script is over'))
    await answer(response, one)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, arrived, script: (...answers) => void left.push(...answers) }
}

async function read(request: IncomingMessage): Promise<Arrived> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const isJson = request.headers['content-type']?.includes('json') === true
  const { method = '', url: path = '', headers } = request
  return { method, path, headers, text, body: isJson ? JSON.parse(text) : undefined }
}

/** An answer in JSON. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers })
    response.end(JSON.stringify(body))
  }
}

/** Server-sent events; `isOpen`: what has begun is not ended. */
export function events(list: readonly string[], isOpen: 'ends' | 'stays open' | 'breaks' = 'ends'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' })
    for (const event of list) response.write(event)
    if (isOpen === 'ends') response.end()
    // What was written arrives first.
    if (isOpen === 'breaks') response.write('\n', () => response.socket?.destroySoon())
  }
}

/** The connection is reset before anything is answered. */
export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy()
}

/** Nothing is ever answered. */
export const silence: Answer = () => undefined
