// A process of its own: the world outside. It honours idempotency keys as Stripe does (the first answer is kept,
// refusals too), and writes each request to its own log, synced, before it answers.
import { fsyncSync, openSync, writeSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onRecord } from './on-record.ts'
import type { Known, ServiceLine, ServiceRequest } from './outside-log.ts'

const log = openSync(process.argv[2] as string, 'a')
const answers = new Map<string, { readonly declined: boolean; readonly result: unknown }>()
const declinedOnce = new Set<string>()
let acts = 0
let readings = 0

const server = createServer((incoming, response) => {
  void bodyOf(incoming).then((body) => {
    const { status, answer } = handle(incoming.url ?? '', body)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit(0))

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function handle(url: string, body: unknown): { status: number; answer: unknown } {
  if (url === '/look') return { status: 200, answer: look((body as { key: string }).key) }
  const request = body as ServiceRequest
  const state = onRecord(request)
  if (request.kill === 'on-arrival') process.kill(request.pid, 'SIGKILL')
  const { kind, declined, result } =
    url === '/act' ? act(request) : { kind: kindOf(url), declined: false, result: plain(request) }
  const { caseId, pid, tool, args, key, effect } = request
  record({ kind, caseId, pid, tool, args, key, declined, result, epoch: effect?.epoch ?? null, onRecord: state })
  if (request.kill === 'after-acting') process.kill(request.pid, 'SIGKILL')
  return { status: declined ? 402 : 200, answer: result }
}

function look(key: string): Known {
  const known = answers.get(key)
  return known === undefined ? { acted: false } : { acted: true, ...known }
}

function act(request: ServiceRequest): Pick<ServiceLine, 'kind' | 'declined' | 'result'> {
  const key = request.key as string
  const known = answers.get(key)
  if (known !== undefined) return { kind: 'repeat', ...known }
  const answer = decided(request)
  answers.set(key, answer)
  return { kind: 'act', ...answer }
}

/** A tool named `declined-…` is refused under the first key that asks for it. */
function decided({ caseId, tool, args }: ServiceRequest): { declined: boolean; result: unknown } {
  const what = JSON.stringify([caseId, tool, args])
  if (tool.startsWith('declined-') && !declinedOnce.has(what)) {
    declinedOnce.add(what)
    return { declined: true, result: { message: 'declined' } }
  }
  return { declined: false, result: { number: ++acts, tool, args } }
}

function kindOf(url: string): 'read' | 'call' {
  return url === '/read' ? 'read' : 'call'
}

/** Never the same again, as from a model. */
function plain({ tool, args }: ServiceRequest): unknown {
  return { about: tool, args, number: ++readings }
}

function record(line: ServiceLine): void {
  writeSync(log, `${JSON.stringify(line)}\n`)
  fsyncSync(log)
}
