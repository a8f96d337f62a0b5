import { createLedger, memory } from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TOKENS } from './fixtures/testing/answers.ts'
import { SDKS, type Sdk } from './fixtures/testing/sdks.ts'
import { CHAT, rowsOf, story } from './fixtures/testing/story.ts'
import { guardOpenAI } from './guard-openai.ts'

function anotherLedger() {
  const ledger = createLedger({ store: memory() })
  onTestFinished(() => ledger.close())
  return ledger
}

function azure(sdk: Sdk, url: string, Azure = sdk.BareAzureOpenAI) {
  return new Azure({
    apiKey: 'k',
    apiVersion: '2025-04-01',
    deployment: 'gpt-5',
    baseURL: `${url.slice(0, -3)}/openai`,
  })
}

describe.each(SDKS)('$name: clones', (sdk) => {
  test('a clone is guarded once, by the ledger of its original or by one of its own', async () => {
    const { client, ledger, rows } = await story(sdk)
    const other = anotherLedger()
    await client.withOptions({ timeout: 5_000 }).withOptions({ maxRetries: 0 }).chat.completions.create(CHAT)
    expect(await rows()).toHaveLength(1)
    await client.withOptions({ ledger: other }).chat.completions.create(CHAT)
    expect([(await rowsOf(ledger)).length, (await rowsOf(other)).length]).toEqual([1, 1])
  })

  test('a fetch that it is given later, or a clone, is guarded too', async () => {
    const { client, server, rows } = await story(sdk)
    const asked: unknown[] = []
    const mine: typeof fetch = (input, init) => {
      asked.push(init && Object.getOwnPropertySymbols(init))
      return fetch(input, init)
    }
    await client.withOptions({ fetch: mine }).chat.completions.create(CHAT)
    ;(client as unknown as { fetch: typeof fetch }).fetch = mine
    await client.chat.completions.create(CHAT)
    expect([await rows(), server.requests, asked]).toEqual([
      [expect.anything(), expect.anything()],
      [expect.anything(), expect.anything()],
      // Nothing of ours is in what it is called with.
      [[], []],
    ])
  })

  test('a subclass that passes on only what it knows keeps its ledger, and so do its clones', async () => {
    class Mine extends sdk.OpenAI {
      constructor({ apiKey, baseURL }: { readonly apiKey: string; readonly baseURL: string }) {
        super({ apiKey, baseURL })
      }
    }
    const { server } = await story(sdk)
    const [one, other] = [anotherLedger(), anotherLedger()]
    const mine = guardOpenAI(one, new Mine({ apiKey: 'k', baseURL: server.url }))
    expect(mine).toBeInstanceOf(Mine)
    await mine.withOptions({ timeout: 9_000 }).chat.completions.create(CHAT)
    await mine.withOptions({ ledger: other }).withOptions({}).chat.completions.create(CHAT)
    expect([(await rowsOf(one)).length, (await rowsOf(other)).length]).toEqual([1, 1])
    expect(server.requests[0]?.headers['user-agent']).toMatch(/^Mine\/JS /)
  })

  test('withRun names the run where the async context is lost', async () => {
    const { client, ledger, rows } = await story(sdk)
    const run = await ledger.open({ id: 'r' })
    const answer = await client.withRun(run).chat.completions.create(CHAT)
    expect(answer.choices).toHaveLength(1)
    expect(await rows()).toMatchObject([{ runId: 'r' }])
    await run.complete('done')
  })

  test('a client of Azure is paid for at Azure`s prices, and its clones are', async () => {
    const { server, ledger, rows } = await story(sdk)
    const client = guardOpenAI(ledger, azure(sdk, server.url))
    await client.chat.completions.create(CHAT)
    const run = await ledger.open({ id: 'r' })
    await client.withRun(run).chat.completions.create(CHAT)
    await run.complete('done')
    expect(server.requests.map(({ path }) => path)).toEqual(
      Array(2).fill('/openai/deployments/gpt-5/chat/completions?api-version=2025-04-01'),
    )
    expect(await rows()).toMatchObject([
      { provider: 'azure', cost: { tokens: TOKENS } },
      { provider: 'azure', runId: 'r' },
    ])
  })

  test('what an instance was, it is: of the SDK`s class, of ours, and not of another', async () => {
    const { client, bare, server } = await story(sdk)
    class Mine extends sdk.OpenAI {}
    const asAzure = azure(sdk, server.url, sdk.AzureOpenAI)
    for (const one of [client, bare, asAzure]) {
      expect(one).toBeInstanceOf(sdk.OpenAI)
      expect(one).toBeInstanceOf(sdk.BareOpenAI)
      expect(one).not.toBeInstanceOf(Mine)
    }
    expect(asAzure).toBeInstanceOf(sdk.AzureOpenAI)
    expect(client).not.toBeInstanceOf(sdk.AzureOpenAI)
    expect(new Mine({ apiKey: 'k' })).toBeInstanceOf(Mine)
    expect([sdk.OpenAI.name, sdk.AzureOpenAI.name]).toEqual(['OpenAI', 'AzureOpenAI'])
  })

  test('the client that guardOpenAI is given stays as it is', async () => {
    const { bare, ledger, server, rows } = await story(sdk)
    const guarded = guardOpenAI(ledger, bare)
    await bare.chat.completions.create(CHAT)
    expect(await rows()).toHaveLength(0)
    await guarded.chat.completions.create(CHAT)
    await guardOpenAI(ledger, guarded).chat.completions.create(CHAT)
    expect([(await rows()).length, server.requests.length]).toEqual([2, 3])
    expect(guarded).toBeInstanceOf(sdk.BareOpenAI)
  })

  test('a subclass that sends requests of its own making pays for each once', async () => {
    class Sending extends sdk.OpenAI {
      override fetchWithTimeout(
        ...[url, init, ms, controller]: Parameters<InstanceType<Sdk['OpenAI']>['fetchWithTimeout']>
      ) {
        const { method = 'GET', headers, body } = init ?? {}
        return super.fetchWithTimeout(url, { method, headers: headers ?? {}, body: body ?? null }, ms, controller)
      }
    }
    const { ledger, server, rows } = await story(sdk)
    const client = new Sending({ apiKey: 'k', baseURL: server.url, ledger })
    await client.chat.completions.create(CHAT)
    const settled = (await rows()).filter(({ cost }) => cost?.status !== 'released')
    expect(settled).toMatchObject([{ cost: { status: 'settled', tokens: TOKENS } }])
    expect(server.requests).toHaveLength(1)
    const other = anotherLedger()
    await client.withOptions({ ledger: other }).chat.completions.create(CHAT)
    expect(await rows()).toHaveLength(2)
    expect((await rowsOf(other)).filter(({ cost }) => cost?.status === 'settled')).toHaveLength(1)
  })

  test('a provider that replaces the headers, or signs them, signs what is sent, which is paid for once', async () => {
    const { client, server, rows } = await story(sdk)
    const signed: unknown[] = []
    const signing = client as unknown as { _provider: object }
    signing._provider = {
      prepareRequest: (request: RequestInit) => {
        signed.push(request.body)
        request.headers = new Headers([...new Headers(request.headers), ['x-signature', `${signed.length}`]])
      },
    }
    for await (const _ of await client.chat.completions.create({ ...CHAT, stream: true }));
    expect(server.requests.map(({ body }) => body.toString())).toEqual(signed)
    expect(server.requests[0]?.json.stream_options).toEqual({ include_usage: true })
    expect(await rows()).toMatchObject([{ cost: { tokens: TOKENS } }])
  })
})
