import OpenAI, { APIError, AzureOpenAI, guardOpenAI, OpenAI as Named, toFile } from '@holdfast/openai'
import { createLedger, memory } from 'holdfast'
import type { OpenAI as Bare } from 'openai'
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { Stream } from 'openai/streaming'

const ledger = createLedger({ store: memory() })
const client = new OpenAI({ ledger, record: 'hash', onStreamAbort: { drainMs: 1_000 }, maxRetries: 1 })

class Tenant extends OpenAI {
  readonly tenant = 'acme'

  ask(messages: OpenAI.Chat.ChatCompletionMessageParam[]): Promise<OpenAI.Chat.ChatCompletion> {
    return this.chat.completions.create({ model: 'gpt-5', messages })
  }
}

export async function ask(messages: ChatCompletionMessageParam[], one: Bare = client): Promise<string | null> {
  const body: OpenAI.Chat.ChatCompletionCreateParamsNonStreaming = { model: 'gpt-5', messages }
  const { data, request_id } = await one.chat.completions.create(body).withResponse()
  const stream: Stream<OpenAI.ChatCompletionChunk> = await client.chat.completions.create({ ...body, stream: true })
  for await (const chunk of stream) console.log(chunk.choices[0]?.delta.content, request_id)
  return data.choices[0]?.message.content ?? null
}

export function statusOf(error: unknown): number | undefined {
  if (error instanceof Named.RateLimitError) return 429
  return error instanceof APIError ? error.status : undefined
}

export const others: Bare[] = [
  guardOpenAI(ledger, new AzureOpenAI({ apiVersion: 'v', deployment: 'd', ledger })).withOptions({ ledger }),
  new Tenant({ ledger }).withOptions({ timeout: 5 }),
]
export const file: Promise<File> = toFile(Buffer.from('a'), 'a.txt')
