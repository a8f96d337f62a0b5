import { Buffer } from 'node:buffer'
import type { TapOptions, TappedEnd } from '../tap.ts'
import { tapResponse } from '../tap-response.ts'

export interface TappedOptions extends Partial<TapOptions> {
  readonly contentType?: string
  /** What the connection does behind the last part: it closes, breaks with an error, or stays open. */
  readonly behind?: 'close' | 'open' | Error
  /** Takes until the end is on record. */
  readonly settle?: () => Promise<void>
}

export interface Tapped {
  readonly response: Response
  readonly ends: TappedEnd[]
  /** What happened, in order: 'pulled', 'settled', 'cancelled', 'stopped'. */
  readonly log: string[]
}

export const EVENTS = 'text/event-stream; charset=utf-8'

/** A tapped response whose provider sends these parts, one for each time that it is asked. */
export function tapped(parts: readonly (string | Uint8Array)[], options: TappedOptions = {}): Tapped {
  const { contentType = EVENTS, behind = 'close', settle, ...rest } = options
  const ends: TappedEnd[] = []
  const log: string[] = []
  const response = new Response(providerOf(parts, behind, log), { headers: { 'content-type': contentType } })
  const onEnd = async (end: TappedEnd) => {
    ends.push(end)
    await settle?.()
    log.push('settled')
  }
  return {
    response: tapResponse(response, { ...DEFAULTS, stop: () => log.push('stopped'), onEnd, ...rest }),
    ends,
    log,
  }
}

const DEFAULTS = {
  provider: 'openai',
  shape: 'openai-chat',
  hidesUsage: false,
  maxKeptBytes: 1_048_576,
  outputTokens: undefined,
  onStreamAbort: 'estimate',
  signal: undefined,
} as const

function providerOf(
  parts: readonly (string | Uint8Array)[],
  behind: 'close' | 'open' | Error,
  log: string[],
): ReadableStream {
  let next = 0
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        log.push('pulled')
        const part = parts[next]
        next += 1
        if (part !== undefined) return controller.enqueue(typeof part === 'string' ? bytesOf(part) : part)
        if (behind === 'close') return controller.close()
        if (behind !== 'open') return controller.error(behind)
        return new Promise(() => undefined)
      },
      cancel: () => {
        log.push('cancelled')
      },
    },
    { highWaterMark: 0 },
  )
}

export interface Got {
  readonly text: string
  readonly chunks: readonly string[]
  /** What the body broke off with. */
  readonly error: unknown
}

/** Reads a body as far as it goes. */
export async function readAll({ body }: Response, onChunk?: (text: string) => void): Promise<Got> {
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  const chunks: Uint8Array[] = []
  const got = (error: unknown): Got => ({
    text: Buffer.concat(chunks).toString(),
    chunks: chunks.map((chunk) => Buffer.from(chunk).toString()),
    error,
  })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return got(undefined)
      // As bytes of its own: what a reader does with a chunk must not touch what is still to come.
      chunks.push(structuredClone(value, { transfer: [value.buffer as ArrayBuffer] }))
      onChunk?.(Buffer.from(chunks.at(-1) ?? []).toString())
    }
  } catch (error) {
    return got(error)
  }
}

/** Reads so many chunks, and leaves the rest. */
export async function readSome(reader: ReadableStreamDefaultReader<Uint8Array>, count: number): Promise<string> {
  let text = ''
  for (let read = 0; read < count; read += 1) text += Buffer.from((await reader.read()).value ?? []).toString()
  return text
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString()
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text))
}

/** The text in pieces of these lengths, which are used again and again. */
export function split(text: string, lengths: readonly number[]): Uint8Array[] {
  const bytes = bytesOf(text)
  const pieces: Uint8Array[] = []
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const end = at + (lengths[piece % lengths.length] ?? bytes.length)
    pieces.push(bytes.slice(at, end))
    at = end
  }
  return pieces
}
