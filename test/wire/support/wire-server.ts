import { Buffer } from 'node:buffer'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as it came over the wire. */
export interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what a client sent
  readonly json: any
}

/** What is written to the socket, byte for byte. */
export interface Answer {
  /** @default 200 */
  readonly status?: number
  /** @default 'application/json' */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** `breaks`: the connection ends in the middle of the body. @default 'ends' */
  readonly ending?: 'ends' | 'breaks' | 'stays open'
  /** Nothing is answered: the connection is reset, or stays silent. */
  readonly instead?: 'reset' | 'silence'
  /** The body arrives in pieces of so many bytes. @default as a whole */
  readonly split?: number
}

export type Respond = (heard: Heard, index: number) => Answer

/** A provider on a local socket. */
export class WireServer implements AsyncDisposable {
  readonly heard: Heard[] = []
  /** Connections that were opened, whether or not anything came over them. */
  connections = 0
  /** What it does with the next requests. */
  respond: Respond = () => ({ status: 418, body: 'nothing is to be asked' })
  readonly #http = createServer((request) => void this.#take(request))
  readonly #waiting = new Set<() => void>()

  static async start(respond?: Respond): Promise<WireServer> {
    const server = new WireServer()
    if (respond !== undefined) server.respond = respond
    server.#http.on('connection', () => server.connections++)
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** Resolves when so many requests have come. */
  async hears(count: number): Promise<void> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  async #take(request: IncomingMessage): Promise<void> {
    const { method = '', url: path = '', headers, socket } = request
    const text = await textOf(request)
    const isJson = headers['content-type']?.includes('json') === true
    const heard = { method, path, headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined }
    const index = this.heard.push(heard) - 1
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
    write(socket, this.respond(heard, index))
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString()
}

/** Past Node's own response, so that each piece is a chunk of the body for the client, however the packets are cut. */
function write(socket: Socket, answer: Answer): void {
  socket.on('error', () => undefined)
  if (answer.instead === 'silence') return
  if (answer.instead === 'reset') return void socket.resetAndDestroy()
  const { status = 200, type = 'application/json', headers = {}, body = '', ending = 'ends' } = answer
  const all = { 'content-type': type, 'x-request-id': 'req_1', 'request-id': 'req_1', ...headers }
  const fields = Object.entries({ ...all, 'transfer-encoding': 'chunked', connection: 'close' })
  const head = [`HTTP/1.1 ${status} Said`, ...fields.map(([name, value]) => `${name}: ${value}`), '', '']
  const pieces = chunked(Buffer.from(body as string), answer.split)
  socket.write(Buffer.concat([Buffer.from(head.join('\r\n')), ...pieces, Buffer.from(ending === 'ends' ? END : '')]))
  if (ending !== 'stays open') socket.end()
}

const END = '0\r\n\r\n'
const LINE = Buffer.from('\r\n')

function chunked(body: Buffer, size = body.length): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size)
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, LINE)
  }
  return pieces
}
