import { Buffer } from 'node:buffer'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server was sent. */
export interface Received {
  readonly method: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

export interface EchoServer {
  readonly url: string
  /** The newest request. */
  received(): Received
  close(): Promise<void>
}

/** A server on a port of its own that keeps what it is sent. */
export async function echoServer(): Promise<EchoServer> {
  const all: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    all.push({ method: request.method, headers: request.headers, bytes: Buffer.concat(chunks) })
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    received: () => {
      const last = all.at(-1)
      if (last === undefined) throw new Error('nothing was sent')
      return last
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
