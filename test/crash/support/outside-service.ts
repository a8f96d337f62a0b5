// A process of its own: the world outside. It honours idempotency keys as Stripe does (the first answer is kept,
// refusals too), and writes each request to its own log, synced, before it answers.
import { fsyncSync, openSync, writeSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onRecord } from './on-record.ts'
import type { Known, ServiceLine, ServiceRequest, Whim } from './outside-log.ts'

const log = openSync(process.argv[2] as string, 'a')
const answers = new Map<string, { readonly declined: boolean; readonly result: unknown }>()
const declinedOnce = new Set<string>()
const whimsHad = new Set<string>()
const DECLINED = { declined: true, result: { message: 'declined' } } as const
let acts = 0
let readings = 0

const server = createServer((incoming, response) => {
  void bodyOf(incoming).then((body) => {
    const { status, answer } = handle(incoming.url ?? '', body)
    if (status === null) return response.destroy()
    return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit(0))

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** `status` is null if no answer arrives. */
function handle(url: string, body: unknown): { status: number | null; answer: unknown } {
  if (url === '/look') return { status: 200, answer: look((body as { key: string }).key) }
  const request = body as ServiceRequest
  const whim = url === '/act' ? whimFor(request) : undefined
  const state = onRecord(request)
  if (request.kill === 'on-arrival') process.kill(request.pid, 'SIGKILL')
  const { kind, declined, result } = answered(url, request, whim)
  const { caseId, pid, tool, args, key, effect } = request
  record({ kind, caseId, pid, tool, args, key, declined, result, effect, onRecord: state })
  if (request.kill === 'after-acting') process.kill(request.pid, 'SIGKILL')
  if (whim === 'loses' || whim === 'drops') return { status: null, answer: null }
  if (whim === 'busy') return { status: 503, answer: null }
  return { status: declined ? 402 : 200, answer: result }
}

type Answered = Pick<ServiceLine, 'kind' | 'declined' | 'result'>

function answered(url: string, request: ServiceRequest, whim: Whim | undefined): Answered {
  if (whim === 'drops' || whim === 'busy') return { kind: 'unseen', declined: false, result: null }
  if (url === '/act') return act(request, whim)
  if (url === '/decide') return { kind: 'decision', declined: false, result: null }
  return { kind: url === '/read' ? 'read' : 'call', declined: false, result: plain(request) }
}

/** Each only once. Whoever asks again, under whatever key, is served in the ordinary way; a refusal is for ever. */
function whimFor({ caseId, tool, args, whim }: ServiceRequest): Whim | undefined {
  const what = JSON.stringify([caseId, tool, args])
  if (whim !== 'declines' && whimsHad.has(what)) return undefined
  whimsHad.add(what)
  return whim
}

function look(key: string): Known {
  const known = answers.get(key)
  return known === undefined ? { acted: false } : { acted: true, ...known }
}

function act(request: ServiceRequest, whim: Whim | undefined): Answered {
  const key = request.key as string
  const known = answers.get(key)
  if (known !== undefined) return { kind: 'repeat', ...known }
  const answer = whim === 'declines' ? DECLINED : decided(request)
  answers.set(key, answer)
  return { kind: 'act', ...answer }
}

/** A tool named `declined-…` is refused under the first key that asks for it. */
function decided({ caseId, tool, args }: ServiceRequest): { declined: boolean; result: unknown } {
  const what = JSON.stringify([caseId, tool, args])
  if (tool.startsWith('declined-') && !declinedOnce.has(what)) {
    declinedOnce.add(what)
    return DECLINED
  }
  return { declined: false, result: { number: ++acts, tool, args } }
}

/** Never the same again, as from a model. */
function plain({ tool, args }: ServiceRequest): unknown {
  return { about: tool, args, number: ++readings }
}

function record(line: ServiceLine): void {
  writeSync(log, `${JSON.stringify(line)}\n`)
  fsyncSync(log)
}
