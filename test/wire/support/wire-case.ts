import { readStreamUsage, readUsage, type TokenUsage } from 'holdfast'
import type { Answer, Heard } from './wire-server.ts'

/** An answer over the wire, how it is asked for, and what it says that was used. */
export interface WireCase<Client> {
  readonly name: string
  readonly ask: (client: Client) => Asked
  readonly answer: (heard: Heard) => Answer
  /** Undefined: it does not say. */
  readonly usage: TokenUsage | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: each method of an SDK answers with a type of its own
type Asked = any

/** What core reads from a whole body, in one piece. */
export function usageOf(body: unknown, provider: string): TokenUsage | undefined {
  return readUsage(body, { provider })?.usage
}

export function streamUsageOf(events: readonly unknown[], provider: string): TokenUsage | undefined {
  return readStreamUsage(events, { provider })?.usage
}

/** Server-sent events; named as Anthropic and the responses API name them. */
export function sse(events: readonly object[], ...rest: readonly string[]): string {
  return [...events.map(one), ...rest].join('')
}

function one(event: object): string {
  const data = `data: ${JSON.stringify(event)}\n\n`
  return 'type' in event ? `event: ${String(event.type)}\n${data}` : data
}

export const SSE = 'text/event-stream; charset=utf-8'
export const DONE = 'data: [DONE]\n\n'
