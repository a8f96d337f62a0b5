import type { Anthropic as Bare, BaseAnthropic as BareBase } from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import type { Ledger, Run } from 'holdfast'
import { expectTypeOf, test } from 'vitest'
import Default, {
  Anthropic,
  type AnthropicError,
  APIError,
  type APIPromise,
  BaseAnthropic,
  type ClientOptions,
  guardAnthropic,
  guardedAnthropic,
  ledgerMiddleware,
  type Middleware,
  RateLimitError,
  toFile,
} from './index.ts'

declare const ledger: Ledger
declare const run: Run
declare const client: Anthropic

test('types that are merged into the class are where they were, by name and by default', () => {
  expectTypeOf<Anthropic.Messages.MessageParam>().toEqualTypeOf<Bare.MessageParam>()
  expectTypeOf<Default.Message>().toEqualTypeOf<Bare.Message>()
  expectTypeOf<Anthropic.Beta.Messages.BetaMessage>().toEqualTypeOf<Bare.Beta.Messages.BetaMessage>()
  expectTypeOf<Anthropic.RequestOptions>().toEqualTypeOf<Bare.RequestOptions>()
  expectTypeOf<InstanceType<typeof Anthropic.APIError>>().toEqualTypeOf<InstanceType<typeof Bare.APIError>>()
})

test('a client is the SDK`s own to everything that takes one', () => {
  expectTypeOf<Anthropic>().toExtend<Bare>()
  expectTypeOf<Bare>().toExtend<Anthropic>()
  expectTypeOf(new Default()).toEqualTypeOf<Bare>()
  expectTypeOf(new BaseAnthropic({ ledger })).toExtend<BareBase>()
  expectTypeOf<ClientOptions['ledger']>().toEqualTypeOf<Ledger | undefined>()
})

test('calls answer what they answered', async () => {
  const body = {
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
  } satisfies Anthropic.MessageCreateParams
  const promise = client.messages.create(body)
  expectTypeOf(promise).toExtend<APIPromise<Anthropic.Message>>()
  expectTypeOf(await promise.withResponse()).toHaveProperty('request_id')
  const stream = await client.messages.create({ ...body, stream: true })
  for await (const event of stream) expectTypeOf(event).toEqualTypeOf<Anthropic.RawMessageStreamEvent>()
  expectTypeOf(client.messages.stream(body).finalText()).toEqualTypeOf<Promise<string>>()
  expectTypeOf(betaZodTool).toBeFunction()
  expectTypeOf(toFile).toBeFunction()
})

test('errors are narrowed as before', () => {
  const error: unknown = new Error('any')
  if (error instanceof RateLimitError) expectTypeOf(error.status).toEqualTypeOf<429>()
  if (error instanceof APIError) expectTypeOf(error).toExtend<AnthropicError>()
})

test('a subclass, a clone and a guarded client keep their types', () => {
  class Mine extends Anthropic {
    readonly tenant = 'acme'
  }
  const mine = new Mine({ ledger, record: 'hash', onStreamAbort: { drainMs: 5_000 } })
  expectTypeOf(mine.withOptions({ ledger, timeout: 5 })).toEqualTypeOf<Mine>()
  expectTypeOf(mine.withRun(run)).toEqualTypeOf<Mine>()
  expectTypeOf(guardAnthropic(ledger, mine)).toEqualTypeOf<Mine>()
  expectTypeOf(guardAnthropic(ledger, mine, { run, record: 'redacted' })).toEqualTypeOf<Mine>()
  expectTypeOf(guardedAnthropic(Mine)).toEqualTypeOf<typeof Mine>()
})

test('the middleware is one of the SDK`s', () => {
  expectTypeOf(ledgerMiddleware(ledger, { run, provider: 'aws' })).toEqualTypeOf<Middleware>()
  new Anthropic({ middleware: [ledgerMiddleware(ledger)] })
})

test('what is no option of ours, or of the SDK`s, is refused', () => {
  // @ts-expect-error a ledger is no path
  new Anthropic({ ledger: './agents.db' })
  // @ts-expect-error a misspelled option
  new Anthropic({ leger: ledger })
  // @ts-expect-error its streams tell their usage without being asked
  new Anthropic({ streamUsage: false })
  // @ts-expect-error a client that exists comes second
  guardAnthropic(client, ledger)
})
