import type { Anthropic as Bare } from '@anthropic-ai/sdk'
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages'
import type { Stream } from '@anthropic-ai/sdk/streaming'
import Anthropic, {
  APIError,
  guardAnthropic,
  guardedAnthropic,
  ledgerMiddleware,
  Anthropic as Named,
  toFile,
} from '@holdfast/anthropic'
import { createLedger, memory } from 'holdfast'

const ledger = createLedger({ store: memory() })
const client = new Anthropic({ ledger, record: 'hash', onStreamAbort: { drainMs: 1_000 }, maxRetries: 1 })

class Tenant extends Anthropic {
  readonly tenant = 'acme'

  ask(messages: Anthropic.MessageParam[]): Promise<Anthropic.Messages.Message> {
    return this.messages.create({ model: 'claude-haiku-4-5', max_tokens: 100, messages })
  }
}

export async function ask(messages: MessageParam[], one: Bare = client): Promise<string | undefined> {
  const body: Anthropic.MessageCreateParamsNonStreaming = { model: 'claude-haiku-4-5', max_tokens: 100, messages }
  const { data, request_id } = await one.messages.create(body).withResponse()
  const stream: Stream<Anthropic.RawMessageStreamEvent> = await client.messages.create({ ...body, stream: true })
  for await (const event of stream) console.log(event.type, request_id)
  return data.content[0]?.type
}

export function statusOf(error: unknown): number | undefined {
  if (error instanceof Named.RateLimitError) return 429
  return error instanceof APIError ? error.status : undefined
}

export const others: Bare[] = [
  guardAnthropic(ledger, new Anthropic()).withOptions({ ledger }),
  new Tenant({ ledger }).withOptions({ timeout: 5 }),
  new (guardedAnthropic(Tenant))({ middleware: [ledgerMiddleware(ledger)] }),
]
export const file: Promise<File> = toFile(Buffer.from('a'), 'a.txt')
