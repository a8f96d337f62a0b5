import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type CallView, createLedger, memory, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { DIALECTS, type Dialect } from './support/dialects.ts'
import { type Answer, WireServer } from './support/wire-server.ts'

setFlagsFromString('--expose_gc')
const collectGarbage: () => void = runInNewContext('gc')

const AT_ONCE = { 'retry-after-ms': '1' }
const TIMEOUT = { timeout: 150 }

type Outcome = readonly [status: string, cost: string, estimated: boolean]
const DONE: Outcome = ['succeeded', 'settled', false]
/** By what was seen. */
const SEEN: Outcome = ['succeeded', 'settled', true]
/** Nobody knows: all that was held. */
const FULL: Outcome = ['failed', 'charged', false]
const NOTHING: Outcome = ['failed', 'released', false]

function refused(status: number): Answer {
  const error = { type: 'error', message: 'No.' }
  return { status, headers: AT_ONCE, body: JSON.stringify({ type: 'error', error }) }
}

interface Story {
  readonly dialect: Dialect
  readonly client: unknown
  readonly server: WireServer
  rows(): Promise<CallView[]>
}

/** Asks the server for these answers, and expects these rows: one for each request that came over the wire. */
async function expectOutcomes(
  dialect: Dialect,
  answers: readonly Answer[],
  work: (story: Story) => Promise<unknown>,
  outcomes: readonly Outcome[],
  options: object = {},
): Promise<CallView[]> {
  await using server = await WireServer.start((_, index) => answers[index] ?? dialect.json)
  await using ledger = createLedger({ store: memory(), limits: { budget: usd(5) } })
  const client = dialect.sdk.guarded(server.url, ledger, { maxRetries: 2, ...options })
  const rows = async () => (await ledger.calls.list()).toSorted((one, other) => one.id - other.id)
  await work({ dialect, client, server, rows })
  await expect.poll(async () => openAmong(await rows()), { timeout: 20_000 }).toBe(0)
  const all = await rows()
  expect(all.map(({ status, cost }) => [status, cost?.status, cost?.estimated])).toEqual(outcomes)
  expect(server.heard).toHaveLength(outcomes.length)
  expect((await ledger.verify()).problems).toEqual([])
  for (const { cost } of all) if (cost?.status !== 'released') expect(cost?.spent).toBeGreaterThan(0)
  return all
}

/** How many are still open, when what nobody holds any more has been collected. */
function openAmong(rows: readonly CallView[]): number {
  collectGarbage()
  return rows.filter(({ cost }) => cost?.status === 'open').length
}

async function readAll(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of stream) count++
  return count
}

const asked = ({ dialect, client }: Story) => dialect.ask(client)
const failing = (story: Story) => expect(asked(story)).rejects.toThrow()
const read = async ({ dialect, client }: Story) => readAll(await dialect.stream(client))

describe.each(DIALECTS)('$name: one row for each attempt', (dialect) => {
  const { json, events, begun } = dialect
  const open: Answer = { ...begun, ending: 'stays open' }

  test.each<[string, Answer[], Outcome[]]>([
    ['200', [json], [DONE]],
    ['500, 500, 200', [refused(500), refused(500), json], [NOTHING, NOTHING, DONE]],
    ['429, 200', [refused(429), json], [NOTHING, DONE]],
    ['529, 200', [refused(529), json], [NOTHING, DONE]],
    ['a reset before the headers, 200', [{ instead: 'reset' }, json], [FULL, DONE]],
    ['an answer that does not say what it used', [dialect.jsonWithoutUsage], [SEEN]],
  ])('%s', async (_, answers, outcomes) => {
    const rows = await expectOutcomes(dialect, answers, asked, outcomes)
    if (outcomes.at(-1) === DONE) expect(rows.at(-1)?.cost?.tokens).toBe(dialect.tokens)
  })

  test('a request that is refused for good', async () => {
    await expectOutcomes(dialect, [refused(400)], failing, [NOTHING])
  })

  test('a reset after the headers: all that was held', async () => {
    const broken: Answer = { ...json, body: String(json.body).slice(0, 60), ending: 'breaks' }
    const [row] = await expectOutcomes(dialect, [broken], failing, [SEEN], { maxRetries: 0 })
    expect(row?.cost?.spent).toBe(row?.cost?.held)
  })

  test('a timeout, then 200', async () => {
    await expectOutcomes(dialect, [{ instead: 'silence' }, json], asked, [FULL, DONE], TIMEOUT)
  })

  test.each<[string, Answer, Outcome]>([
    ['a stream', events, DONE],
    ['a stream that does not say what it used', dialect.eventsWithoutUsage, SEEN],
  ])('%s', async (_, answer, outcome) => {
    await expectOutcomes(dialect, [answer], read, [outcome])
  })

  test.each<[string, Answer]>([
    ['breaks off', { ...begun, ending: 'breaks' }],
    ['tells an error', dialect.errorEvent],
  ])('a stream that %s', async (_, answer) => {
    await expectOutcomes(dialect, [answer], (story) => expect(read(story)).rejects.toThrow(), [SEEN])
  })

  test('break', async () => {
    const work = async ({ client }: Story) => {
      for await (const _ of await dialect.stream(client)) break
    }
    await expectOutcomes(dialect, [open], work, [SEEN])
  })

  test('break of a stream that is read on in the background', async () => {
    const work = async ({ client }: Story) => {
      for await (const _ of await dialect.stream(client)) break
    }
    const options = { onStreamAbort: 'drain' }
    const [row] = await expectOutcomes(dialect, [events], work, [DONE], options)
    expect(row?.cost?.tokens).toBe(dialect.tokens)
  })

  test('abort by the stream`s own controller', async () => {
    const work = async ({ client }: Story) => {
      const stream = await dialect.stream(client)
      for await (const _ of stream) stream.controller.abort()
    }
    await expectOutcomes(dialect, [open], work, [SEEN])
  })

  test('abort by the caller`s signal, before a stream is read', async () => {
    const work = async ({ client }: Story) => {
      const caller = new AbortController()
      const stream = await dialect.stream(client, { signal: caller.signal })
      caller.abort()
      await readAll(stream).catch(() => 0)
    }
    await expectOutcomes(dialect, [open], work, [SEEN])
  })

  test('abort while nothing has come: all that was held', async () => {
    const work = async ({ client, server }: Story) => {
      const caller = new AbortController()
      const answer = expect(dialect.ask(client, { signal: caller.signal })).rejects.toBeInstanceOf(dialect.sdk.abort)
      await server.hears(1)
      caller.abort()
      await answer
    }
    await expectOutcomes(dialect, [{ instead: 'silence' }], work, [FULL])
  })

  test('abort before anything is sent: no attempt', async () => {
    const work = ({ client }: Story) =>
      expect(dialect.ask(client, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(dialect.sdk.abort)
    await expectOutcomes(dialect, [], work, [])
  })

  test('a stream that nobody ever touches is settled when nobody holds it any more', async () => {
    const work = async ({ client }: Story) => {
      await dialect.stream(client)
    }
    await expectOutcomes(dialect, [open], work, [SEEN])
  })
})
