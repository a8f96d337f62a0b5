import { Buffer } from 'node:buffer'
import { answerOf, type Script, type ScriptedAnswer, type ScriptedRequest } from './script.ts'
import { type Shape, toldOf } from './shape.ts'
import { anthropic } from './shapes/anthropic.ts'
import { openaiChat } from './shapes/openai-chat.ts'
import { openaiResponses } from './shapes/openai-responses.ts'

export interface ScriptedFetchOptions {
  /** How many bytes of an answer come at a time. @default a JSON at once, a stream event by event */
  readonly chunkBytes?: number | undefined
}

/** A fetch that answers by a script. */
export interface ScriptedFetch {
  (...args: Parameters<typeof fetch>): Promise<Response>
  /** What it was asked, oldest first. */
  readonly requests: readonly ScriptedRequest[]
  /** How many turns of the script nobody has asked for yet. */
  readonly turnsLeft: number
}

const SHAPES: readonly (readonly [path: string, shape: Shape])[] = [
  ['/chat/completions', openaiChat],
  ['/responses', openaiResponses],
  ['/messages', anthropic],
]

/**
 * A model that says what a script says, as a fetch: for tests, and for trying an agent without a key. It answers as OpenAI's
 * chat completions or responses or Anthropic's messages do, by the path, as JSON or as a stream.
 *
 * When the script is over, and for every other path, it answers with status 400 and a message that says so; no client tries
 * that again.
 * @example
 * const client = new OpenAI({ apiKey: 'none', fetch: scriptedFetch([['pay', { order: '1' }], 'Paid.']) })
 */
export function scriptedFetch(script: Script, options: ScriptedFetchOptions = {}): ScriptedFetch {
  const model = new ScriptedModel(script, options)
  const answer = (...args: Parameters<typeof fetch>): Promise<Response> =>
    model.answer(new Request(...args), signalOf(...args))
  return Object.defineProperties(answer, {
    requests: { value: model.requests, enumerable: true },
    turnsLeft: { get: () => model.turnsLeft, enumerable: true },
  }) as unknown as ScriptedFetch
}

class ScriptedModel {
  readonly requests: ScriptedRequest[] = []
  readonly #script: Script
  readonly #options: ScriptedFetchOptions
  #taken = 0

  constructor(script: Script, options: ScriptedFetchOptions) {
    this.#script = script
    this.#options = options
  }

  get turnsLeft(): number {
    return Math.max(0, this.#script.length - this.#taken)
  }

  async answer(request: Request, signal: AbortSignal | undefined): Promise<Response> {
    signal?.throwIfAborted()
    const { method, url, headers } = request
    const path = new URL(url).pathname
    const [, shape] = SHAPES.find(([end]) => path.endsWith(end)) ?? []
    if (shape === undefined || method !== 'POST')
      return refusal(openaiChat, `A script has no answer to ${method} ${path}: ${KINDS}.`)
    // Taken before anything is waited for: requests are answered in the order in which they come.
    const turn = this.#script[this.#taken++]
    const number = this.#taken
    const text = await request.text()
    const heard = { method, url, headers, body: parsed(text) }
    this.requests[number - 1] = heard
    if (turn === undefined) return refusal(shape, overMessage(this.#script.length, number))
    const answer = answerOf(typeof turn === 'function' ? turn(heard) : turn)
    if (answer.error === 'reset') throw connectionReset()
    if (answer.error === 'hang') return never(signal)
    return responseOf({ answer, shape, number, text, isStream: heard.body?.stream === true, signal }, this.#options)
  }
}

const KINDS = 'it answers POST …/chat/completions, …/responses and …/messages'

function overMessage(turns: number, number: number): string {
  return `The script is over: it has ${turns} turns, and this is request ${number}. Write another turn, or see why the model is asked again.`
}

interface Answering {
  readonly answer: ScriptedAnswer
  readonly shape: Shape
  readonly number: number
  readonly text: string
  readonly isStream: boolean
  readonly signal: AbortSignal | undefined
}

function responseOf(
  { answer, shape, number, text, isStream, signal }: Answering,
  { chunkBytes }: ScriptedFetchOptions,
): Response {
  const { status = 200, error } = answer
  const ids = { 'x-request-id': `req_${number}`, 'request-id': `req_${number}` }
  if (status >= 400) return errorOf(shape, answer, status, ids)
  const told = toldOf(answer, number, text)
  const parts = isStream ? shape.events(told) : [JSON.stringify(shape.json(told))]
  const type = isStream ? 'text/event-stream; charset=utf-8' : 'application/json'
  const chunks = split(parts, chunkBytes)
  const sent = error === 'cut' ? halfOf(chunks) : chunks
  const headers = { 'content-type': type, ...ids, ...answer.headers }
  return new Response(bodyOf(sent, signal, error === 'cut'), { status, headers })
}

/** A client that tries again need not wait, unless the script says so. */
function errorOf(
  shape: Shape,
  { text, headers }: ScriptedAnswer,
  status: number,
  ids: Record<string, string>,
): Response {
  const body = shape.error(status, text ?? `The script says ${status}.`)
  return Response.json(body, { status, headers: { 'retry-after-ms': '1', ...ids, ...headers } })
}

function refusal(shape: Shape, message: string): Response {
  return Response.json(shape.error(400, message), { status: 400, headers: { 'x-should-retry': 'false' } })
}

function bodyOf(
  chunks: readonly Uint8Array[],
  signal: AbortSignal | undefined,
  breaksOff: boolean,
): ReadableStream<Uint8Array> {
  const left = chunks.values()
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const { value, done } = left.next()
    if (signal?.aborted) controller.error(signal.reason)
    else if (!done) controller.enqueue(value)
    else if (breaksOff) controller.error(connectionReset('terminated'))
    else controller.close()
  }
  return new ReadableStream({ pull }, { highWaterMark: 0 })
}

function split(parts: readonly string[], size: number | undefined): readonly Uint8Array[] {
  if (size === undefined) return parts.map((part) => Buffer.from(part))
  const bytes = Buffer.from(parts.join(''))
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

function halfOf(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return [only.subarray(0, only.length >> 1)]
  return chunks.slice(0, chunks.length >> 1)
}

/** As Node's fetch says it. */
function connectionReset(message = 'fetch failed'): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })
}

function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal?.reason)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}

/** The caller's own: the one of a request only follows it as long as somebody holds the request. */
function signalOf(...[input, init]: Parameters<typeof fetch>): AbortSignal | undefined {
  return init?.signal ?? (input instanceof Request ? input.signal : undefined)
}

// biome-ignore lint/suspicious/noExplicitAny: whatever was sent
function parsed(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
