import type { Ledger, Run } from 'holdfast'
import type { OpenAI as Bare } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { expectTypeOf, test } from 'vitest'
import Default, {
  APIError,
  type APIPromise,
  AzureOpenAI,
  BedrockOpenAI,
  type ClientOptions,
  guardOpenAI,
  OpenAI,
  type OpenAIError,
  RateLimitError,
  toFile,
} from './index.ts'

declare const ledger: Ledger
declare const run: Run
declare const client: OpenAI

test('types that are merged into the class are where they were, by name and by default', () => {
  expectTypeOf<OpenAI.Chat.Completions.ChatCompletionMessageParam>().toEqualTypeOf<Bare.ChatCompletionMessageParam>()
  expectTypeOf<Default.Chat.ChatCompletion>().toEqualTypeOf<Bare.Chat.ChatCompletion>()
  expectTypeOf<OpenAI.Responses.Response>().toEqualTypeOf<Bare.Responses.Response>()
  expectTypeOf<OpenAI.RequestOptions>().toEqualTypeOf<Bare.RequestOptions>()
  expectTypeOf<OpenAI.ChatModel>().toEqualTypeOf<Bare.ChatModel>()
  expectTypeOf<InstanceType<typeof OpenAI.APIError>>().toEqualTypeOf<InstanceType<typeof Bare.APIError>>()
})

test('a client is the SDK`s own to everything that takes one', () => {
  expectTypeOf<OpenAI>().toExtend<Bare>()
  expectTypeOf<Bare>().toExtend<OpenAI>()
  expectTypeOf(new Default()).toEqualTypeOf<Bare>()
  expectTypeOf(new AzureOpenAI({ apiVersion: 'v', ledger })).toExtend<Bare>()
  expectTypeOf(new BedrockOpenAI({ awsRegion: 'us-east-1', ledger })).toExtend<Bare>()
  expectTypeOf<ClientOptions['ledger']>().toEqualTypeOf<Ledger | undefined>()
})

test('calls answer what they answered', async () => {
  const body = {
    model: 'gpt-5',
    messages: [{ role: 'user', content: 'hi' }],
  } satisfies OpenAI.ChatCompletionCreateParams
  const promise = client.chat.completions.create(body)
  expectTypeOf(promise).toExtend<APIPromise<OpenAI.Chat.ChatCompletion>>()
  expectTypeOf(await promise.withResponse()).toHaveProperty('request_id')
  const stream = await client.chat.completions.create({ ...body, stream: true })
  for await (const chunk of stream) expectTypeOf(chunk).toEqualTypeOf<OpenAI.ChatCompletionChunk>()
  expectTypeOf(client.chat.completions.stream(body).finalMessage()).toExtend<Promise<OpenAI.ChatCompletionMessage>>()
  expectTypeOf(zodResponseFormat).toBeFunction()
  expectTypeOf(toFile).toBeFunction()
})

test('errors are narrowed as before', () => {
  const error: unknown = new Error('any')
  if (error instanceof RateLimitError) expectTypeOf(error.status).toEqualTypeOf<429>()
  if (error instanceof APIError) expectTypeOf(error).toExtend<OpenAIError>()
})

test('a subclass, a clone and a guarded client keep their types', () => {
  class Mine extends OpenAI {
    readonly tenant = 'acme'
  }
  const mine = new Mine({ ledger, record: 'hash', onStreamAbort: { drainMs: 5_000 } })
  expectTypeOf(mine.withOptions({ ledger, timeout: 5 })).toEqualTypeOf<Mine>()
  expectTypeOf(mine.withRun(run)).toEqualTypeOf<Mine>()
  expectTypeOf(guardOpenAI(ledger, mine)).toEqualTypeOf<Mine>()
  expectTypeOf(guardOpenAI(ledger, mine, { run, streamUsage: false, websockets: 'unmetered' })).toEqualTypeOf<Mine>()
})

test('what is no option of ours, or of the SDK`s, is refused', () => {
  // @ts-expect-error a ledger is no path
  new OpenAI({ ledger: './agents.db' })
  // @ts-expect-error a misspelled option
  new OpenAI({ leger: ledger })
  // @ts-expect-error a client that exists comes second
  guardOpenAI(client, ledger)
})
