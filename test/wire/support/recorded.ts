import {
  hasRecordedAnswers,
  type RecordedAnswer,
  recordedAnswers,
  recordedStreams,
} from '../../../packages/core/src/usage/testing/recorded-answers.ts'
import { MESSAGE } from './anthropic-bodies.ts'
import { CHAT, INPUT } from './openai-bodies.ts'
import type { AnthropicClient, OpenAIClient } from './sdks.ts'
import { DONE, SSE, sse, streamUsageOf, usageOf, type WireCase } from './wire-case.ts'
import type { Answer, Heard } from './wire-server.ts'

export { hasRecordedAnswers }

/** How the recorded answers of a folder are asked for. */
interface Folder<Client> {
  readonly shape: string
  readonly provider: string
  readonly ask: WireCase<Client>['ask']
  readonly stream?: WireCase<Client>['ask']
}

const ANTHROPIC_FOLDERS: readonly Folder<AnthropicClient>[] = [
  {
    ...{ shape: 'anthropic-messages', provider: 'anthropic' },
    ask: (client) => client.messages.create(MESSAGE),
    stream: (client) => client.messages.create({ ...MESSAGE, stream: true }),
  },
]

const OPENAI_FOLDERS: readonly Folder<OpenAIClient>[] = [
  {
    ...{ shape: 'openai-chat', provider: 'openai' },
    ask: (client) => client.chat.completions.create(CHAT),
    stream: (client) => client.chat.completions.create({ ...CHAT, stream: true }),
  },
  {
    ...{ shape: 'openai-responses', provider: 'openai' },
    ask: (client) => client.responses.create(INPUT),
    stream: (client) => client.responses.create({ ...INPUT, stream: true }),
  },
  {
    ...{ shape: 'openai-embeddings', provider: 'openai' },
    ask: (client) =>
      client.embeddings.create({ model: 'text-embedding-3-small', input: 'a', encoding_format: 'float' }),
  },
]

const FIRST = new Set(['response.created', 'message_start'])

/** What real providers answered, as their bytes may have come. */
function recordedCases<Client>(folders: readonly Folder<Client>[]): WireCase<Client>[] {
  return hasRecordedAnswers ? folders.flatMap((folder) => [...answersOf(folder), ...streamsOf(folder)]) : []
}

export const OPENAI_RECORDED: readonly WireCase<OpenAIClient>[] = recordedCases(OPENAI_FOLDERS)
export const ANTHROPIC_RECORDED: readonly WireCase<AnthropicClient>[] = recordedCases(ANTHROPIC_FOLDERS)

function answersOf<Client>({ shape, provider, ask }: Folder<Client>): WireCase<Client>[] {
  return recordedAnswers(shape).map(({ name, body }: RecordedAnswer) => {
    const answer = () => ({ body: JSON.stringify(body, undefined, 2) })
    return { name: `${shape}/${name}`, ask, answer, usage: usageOf(body, provider) }
  })
}

function streamsOf<Client>({ shape, provider, stream }: Folder<Client>): WireCase<Client>[] {
  if (stream === undefined) return []
  const end = shape === 'openai-chat' ? [DONE] : []
  const streams = recordedStreams(shape).flatMap(({ name, events }) =>
    singles(events).map((own) => ({ name, events: own })),
  )
  return streams.map(({ name, events }) => {
    const answer = (heard: Heard): Answer => ({ type: SSE, body: sse(told(events, heard, shape), ...end) })
    return { name: `${shape}/${name}, a stream`, ask: stream, answer, usage: streamUsageOf(events, provider) }
  })
}

/** One recording holds the answers of several requests. */
function singles(events: readonly Record<string, unknown>[]): Record<string, unknown>[][] {
  const starts = events.flatMap(({ type }, index) => (index > 0 && FIRST.has(String(type)) ? [index] : []))
  return [0, ...starts].map((start, index) => events.slice(start, starts[index]))
}

/** A chat tells its usage only where it is asked to; the recorded ones were. */
function told(events: readonly Record<string, unknown>[], { json }: Heard, shape: string): readonly object[] {
  if (shape !== 'openai-chat' || json?.stream_options?.include_usage === true) return events
  return events.filter(({ usage }) => usage === undefined || usage === null).map(({ usage: _, ...rest }) => rest)
}
