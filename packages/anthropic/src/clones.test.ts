import { createLedger, memory } from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TOKENS } from './fixtures/testing/answers.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { ASK, rowsOf, story } from './fixtures/testing/story.ts'
import { guardAnthropic } from './guard-anthropic.ts'
import { guardedClass } from './guarded-class.ts'

function anotherLedger() {
  const ledger = createLedger({ store: memory() })
  onTestFinished(() => ledger.close())
  return ledger
}

describe.each(SDKS)('$name: clones', (sdk) => {
  test('a clone is guarded once, by the ledger of its original or by one of its own', async () => {
    const { client, ledger, rows } = await story(sdk)
    const other = anotherLedger()
    await client.withOptions({ timeout: 5_000 }).withOptions({ maxRetries: 0 }).messages.create(ASK)
    await client.withOptions({ middleware: [] }).messages.create(ASK)
    expect(await rows()).toHaveLength(2)
    await client.withOptions({ ledger: other }).messages.create(ASK)
    expect([(await rowsOf(ledger)).length, (await rowsOf(other)).length]).toEqual([2, 1])
  })

  test('a fetch that a clone is given is called with nothing of ours', async () => {
    const { client, rows } = await story(sdk)
    const asked: unknown[] = []
    const mine: typeof fetch = (input, init) => {
      asked.push(init && Object.getOwnPropertySymbols(init))
      return fetch(input, init)
    }
    await client.withOptions({ fetch: mine }).messages.create(ASK)
    expect([asked, await rows()]).toEqual([[[]], [expect.anything()]])
  })

  test('a subclass that passes on only what it knows keeps its ledger, and so do its clones', async () => {
    class Mine extends sdk.Bare {
      constructor({ apiKey, baseURL }: { readonly apiKey: string; readonly baseURL: string }) {
        super({ apiKey, baseURL })
      }
    }
    const { server } = await story(sdk)
    const [one, other] = [anotherLedger(), anotherLedger()]
    const mine = guardAnthropic(one, new Mine({ apiKey: 'k', baseURL: server.url }))
    expect(mine).toBeInstanceOf(Mine)
    await mine.withOptions({ timeout: 9_000 }).messages.create(ASK)
    await mine.withOptions({ ledger: other }).withOptions({}).messages.create(ASK)
    expect([(await rowsOf(one)).length, (await rowsOf(other)).length]).toEqual([1, 1])
  })

  test('withRun names the run where the async context is lost', async () => {
    const { client, ledger, rows } = await story(sdk)
    const run = await ledger.open({ id: 'r' })
    const answer = await client.withRun(run).messages.create(ASK)
    expect(answer.content).toHaveLength(1)
    expect(await rows()).toMatchObject([{ runId: 'r' }])
    await run.complete('done')
  })

  test('what an instance was, it is: of the SDK`s class, of ours, and not of another', async () => {
    const { client, bare } = await story(sdk)
    class Mine extends sdk.Anthropic {}
    for (const one of [client, bare]) {
      expect(one).toBeInstanceOf(sdk.Anthropic)
      expect(one).toBeInstanceOf(sdk.Bare)
      expect(one).toBeInstanceOf(sdk.BaseAnthropic)
      expect(one).not.toBeInstanceOf(Mine)
    }
    expect(new Mine({ apiKey: 'k' })).toBeInstanceOf(Mine)
    expect(sdk.Anthropic.name).toBe('Anthropic')
  })

  test('the client that guardAnthropic is given stays as it is', async () => {
    const { bare, ledger, server, rows } = await story(sdk)
    const guarded = guardAnthropic(ledger, bare)
    await bare.messages.create(ASK)
    expect(await rows()).toHaveLength(0)
    await guarded.messages.create(ASK)
    await guardAnthropic(ledger, guarded).messages.create(ASK)
    expect([(await rows()).length, server.requests.length]).toEqual([2, 3])
    expect(guarded).toBeInstanceOf(sdk.Bare)
  })

  test('a class of an SDK that has no middleware is refused', () => {
    class Old {}
    expect(() => guardedClass(Old)).toThrow(expect.objectContaining({ code: 'not-supported' }))
  })

  test('a request that a subclass sends without the SDK`s last hook is charged where it fails', async () => {
    class Hooked extends sdk.Anthropic {
      protected override async prepareRequest(): Promise<void> {}
    }
    const { ledger, server, rows } = await story(sdk, { answer: () => ({ reset: 'before' }) })
    const client = new Hooked({ apiKey: 'k', baseURL: server.url, ledger, maxRetries: 0 })
    await client.messages.create(ASK).catch(() => undefined)
    expect(await rows()).toMatchObject([{ status: 'failed', cost: { status: 'charged' } }])
  })

  test('a client of a subclass is what it is paid for as', async () => {
    const { ledger, server, rows } = await story(sdk)
    class Mine extends sdk.Anthropic {}
    await new Mine({ apiKey: 'k', baseURL: server.url, ledger }).messages.create(ASK)
    expect(await rows()).toMatchObject([{ provider: 'anthropic', cost: { tokens: TOKENS } }])
  })
})
