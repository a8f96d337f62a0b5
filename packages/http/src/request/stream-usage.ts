import { memberSpan } from './member-span.ts'

const ASKS = '"stream_options":{"include_usage":true}'
// What hosts answer to a field that they do not know.
const REFUSALS: ReadonlySet<number> = new Set([400, 422])

/** Whether a request for a stream of chat or completions asks for its usage itself. */
export function wantsUsage(body: unknown): boolean {
  return isFields(body) && isFields(body.stream_options) && body.stream_options.include_usage === true
}

/**
 * The JSON of a chat or completions request, with the usage of its stream asked for: spliced into the text, which is not
 * written anew. Undefined where there is nothing to ask: it is no stream, or its caller asks already. `body` is what the
 * text says.
 */
export function withStreamUsage(text: string, body: unknown): string | undefined {
  if (!isFields(body) || body.stream !== true || wantsUsage(body)) return undefined
  const { stream_options: own } = body
  if (own === undefined) return withFirstMember(text, ASKS)
  const span = memberSpan(text, 'stream_options')
  if (span === undefined) return undefined
  const options = JSON.stringify({ ...(isFields(own) ? own : {}), include_usage: true })
  return text.slice(0, span.start) + options + text.slice(span.end)
}

/**
 * Whether an answer refuses `stream_options`. Some hosts repeat the request in what they answer: it is certain only when the
 * request goes through without them.
 */
export function refusesStreamOptions(status: number, bodyText: string): boolean {
  return REFUSALS.has(status) && /stream_options|include_usage/.test(bodyText)
}

/** Of an object that has members: a stream's has at least one. */
function withFirstMember(text: string, member: string): string | undefined {
  const start = text.indexOf('{') + 1
  return start === 0 ? undefined : `${text.slice(0, start)}${member},${text.slice(start)}`
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
