import type { ScriptedAnswer } from './script.ts'

/** A call with the id that its answer names. */
export interface ToldCall {
  readonly id: string
  readonly name: string
  /** JSON, unless the script has other text. */
  readonly args: string
}

/** What is to be answered, whatever the provider's shape. */
export interface Told {
  /** Counts the requests of a script, from 1. */
  readonly number: number
  readonly model: string
  readonly text: string | undefined
  readonly calls: readonly ToldCall[]
  readonly usage: { readonly input: number; readonly output: number }
  readonly cutOff: boolean
  /** Whether a stream of OpenAI's is to tell its usage. */
  readonly tellsUsage: boolean
}

/** How a provider says it. */
export interface Shape {
  json(told: Told): object
  /** The same as server-sent events, as they go over the wire. */
  events(told: Told): readonly string[]
  error(status: number, message: string): object
}

/** When all of it was made: a fixed time, for the same answer every time. */
export const CREATED = 1_700_000_000

const CHARS_PER_TOKEN = 4

/** What an answer of the script is, to a request with this text. */
export function toldOf(answer: ScriptedAnswer, number: number, sent: string): Told {
  const request = fieldsOf(sent)
  const calls = (answer.tools ?? []).map(([name, args = {}], index) => ({
    id: `call_${number}_${index + 1}`,
    name,
    args: typeof args === 'string' ? args : JSON.stringify(args),
  }))
  const said = (answer.text ?? '') + calls.map(({ name, args }) => name + args).join('')
  return {
    number,
    model: String(request.model ?? 'scripted'),
    text: answer.text,
    calls,
    usage: { input: tokensOf(sent), output: tokensOf(said), ...answer.usage },
    cutOff: answer.cutOff ?? false,
    tellsUsage: (request.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true,
  }
}

/** A text as a model streams it: word by word. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+/g) ?? []
}

export function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return {}
  }
}

function tokensOf(text: string): number {
  return Math.max(1, Math.ceil(text.length / CHARS_PER_TOKEN))
}
