/**
 * S7 of what had to be beaten, and the weaknesses of saga-agent's LLM runner and of its mock, each with a test that ours does
 * not have it. The others are in saga-agent.test.ts.
 */
import { runTools } from '@holdfast/openai'
import { type ScriptedOpenAI, scriptedOpenAI } from '@holdfast/openai/testing'
import { formatRun, NotAppliedError, TurnLimitError, tool } from 'holdfast'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { fileLedger, memoryLedger, temporaryFolder } from './support/ledgers.ts'

/** The seed's own example: `MockLLMClient(tool_sequence=[…])`. */
const SEQUENCE = [
  ['pay', { order: 'ORD-001', amount: 15_000 }],
  ['stock', { item: 'ITEM-A', quantity: 2 }],
  ['ship', { address: 'Seoul' }],
] as const
const prompt = 'Process order ORD-001.'
const run = { id: 'ORD-001' }

function shop() {
  const log: string[] = []
  const pay = tool({
    name: 'pay',
    description: 'Charges an order.',
    inputSchema: z.object({ order: z.string(), amount: z.number().int().optional() }),
    execute: ({ order }) => {
      log.push(`pay ${order}`)
      return { transaction: `TX-${order}` }
    },
    compensate: ({ transaction }) => void log.push(`refund ${transaction}`),
  })
  const stock = tool({
    name: 'stock',
    inputSchema: z.object({ item: z.string(), quantity: z.number() }),
    execute: async ({ item }) => {
      log.push(`take ${item}`)
      return { item }
    },
    compensate: ({ item }) => void log.push(`put back ${item}`),
  })
  const ship = tool({
    name: 'ship',
    inputSchema: z.object({ address: z.string() }),
    execute: ({ address }): { tracking: string } => {
      log.push(`no carrier for ${address}`)
      throw new NotAppliedError('Connection refused')
    },
  })
  return { log, tools: [pay, stock, ship] }
}

/** What the tools said, as the model read it in its last request. */
function read({ requests }: ScriptedOpenAI): unknown[] {
  const messages: { role: string; content: string }[] = requests.at(-1)?.body.messages ?? []
  return messages.filter(({ role }) => role === 'tool').map(({ content }) => content)
}

test('S7: the model is shown the real results, and not that something was executed', async () => {
  const { log, tools } = shop()
  const ledger = memoryLedger()
  const client = scriptedOpenAI([...SEQUENCE, 'Paid, but not shipped.'], { ledger })
  const { text } = await ledger.run(run, () => runTools({ client, model: 'gpt-5', tools, prompt }))
  expect(text).toBe('Paid, but not shipped.')
  expect(read(client)).toEqual([
    '{"transaction":"TX-ORD-001"}',
    '{"item":"ITEM-A"}',
    'NotAppliedError: Connection refused',
  ])
  expect(log).toEqual(['pay ORD-001', 'take ITEM-A', 'no carrier for Seoul'])
})

test('S7: a tool has been executed before the model is asked again, and not when it has stopped', async () => {
  const { log, tools } = shop()
  const ledger = memoryLedger()
  const script = SEQUENCE.slice(0, 2).map((call, index) => () => {
    expect(log).toHaveLength(index)
    return call
  })
  const client = scriptedOpenAI([...script, ({ body }) => `I was told: ${body.messages.at(-1).content}`], { ledger })
  const { text } = await ledger.run(run, () => runTools({ client, model: 'gpt-5', tools, prompt }))
  expect(text).toBe('I was told: {"item":"ITEM-A"}')
})

test('S7: a model that never stops has so many turns, and what was done is undone', async () => {
  const { log, tools } = shop()
  const ledger = memoryLedger()
  const client = scriptedOpenAI([...SEQUENCE.slice(0, 2), ...SEQUENCE], { ledger })
  const failed = ledger.run(run, () => runTools({ client, model: 'gpt-5', tools, prompt, maxTurns: 3 }))
  const error = TurnLimitError.find(await failed.catch((thrown: unknown) => thrown))
  expect(error).toMatchObject({ turns: 3, asked: ['pay'] })
  expect(log).toEqual(['pay ORD-001', 'take ITEM-A', 'put back ITEM-A', 'refund TX-ORD-001'])
})

test('a tool’s retries are made, which the runner ignored', async () => {
  const ledger = memoryLedger()
  let tries = 0
  const flaky = tool({
    name: 'flaky',
    inputSchema: z.object({}),
    retry: { attempts: 4, backoff: { initialMs: 1, jitter: 0 } },
    execute: () => {
      tries += 1
      if (tries < 4) throw new Error('Connection timeout')
      return 'done'
    },
  })
  const client = scriptedOpenAI([['flaky'], 'Done.'], { ledger })
  await ledger.run(run, () => runTools({ client, model: 'gpt-5', tools: [flaky], prompt }))
  expect([tries, read(client)]).toEqual([4, ['done']])
})

test('a conversation survives its process, where the seed kept nothing', async () => {
  const folder = temporaryFolder()
  const { log, tools } = shop()
  const kept = { ...run, onError: 'keep', retry: true } as const
  const first = fileLedger(folder)
  const before = scriptedOpenAI(SEQUENCE.slice(0, 2), { ledger: first })
  let seen = 0
  const onMessage = () => {
    seen += 1
    if (seen === 4) throw new Error('died')
  }
  const died = first.run(kept, () => runTools({ client: before, model: 'gpt-5', tools, prompt, onMessage }))
  await expect(died).rejects.toThrow('died')
  await first.close()
  const second = fileLedger(folder)
  const client = scriptedOpenAI(['All done.'], { ledger: second })
  const { text, turns } = await second.run(kept, () => runTools({ client, model: 'gpt-5', tools, prompt }))
  // The first two turns, and what they did, came from the record.
  expect([text, turns, client.requests.length]).toEqual(['All done.', 3, 1])
  expect(read(client)).toEqual(['{"transaction":"TX-ORD-001"}', '{"item":"ITEM-A"}'])
  expect(log).toEqual(['pay ORD-001', 'take ITEM-A'])
})

test('a provider that fails is asked again after a while, and one that goes on failing ends it', async () => {
  const { tools } = shop()
  const ledger = memoryLedger()
  const client = scriptedOpenAI([{ status: 503 }, { status: 429 }, 'Nothing to do.'], { ledger })
  const { text } = await ledger.run(run, () => runTools({ client, model: 'gpt-5', tools, prompt }))
  expect(text).toBe('Nothing to do.')
  const down = scriptedOpenAI([{ status: 503 }, { status: 503 }, { status: 503 }], { ledger })
  const failed = ledger.run({ id: 'down' }, () => runTools({ client: down, model: 'gpt-5', tools, prompt }))
  await expect(failed).rejects.toMatchObject({ status: 503 })
})

test('a model is told of optional and described arguments, and not only of four types of Python', async () => {
  const { tools } = shop()
  const ledger = memoryLedger()
  const client = scriptedOpenAI(['Nothing to do.'], { ledger })
  await ledger.run(run, () => runTools({ client, model: 'gpt-5', tools, prompt }))
  const [pay] = client.requests[0]?.body.tools ?? []
  expect(pay.function).toMatchObject({ name: 'pay', description: 'Charges an order.' })
  expect(pay.function.parameters).toMatchObject({ required: ['order'], properties: { amount: { type: 'integer' } } })
})

test('the scripted model fails where it is told to, where the mock’s fail_at did nothing', async () => {
  const { log, tools } = shop()
  const ledger = memoryLedger()
  const client = scriptedOpenAI([SEQUENCE[0], { status: 400, text: 'no more' }], { ledger })
  const failed = ledger.run(run, () => runTools({ client, model: 'gpt-5', tools, prompt }))
  await expect(failed).rejects.toThrow('no more')
  expect(log).toEqual(['pay ORD-001', 'refund TX-ORD-001'])
})

test('nothing is printed by itself', async () => {
  const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error'), vi.spyOn(process.stdout, 'write')]
  onTestFinished(() => void vi.restoreAllMocks())
  const { tools } = shop()
  const ledger = memoryLedger()
  const client = scriptedOpenAI([...SEQUENCE, 'Done.'], { ledger })
  await ledger.run(run, () => runTools({ client, model: 'gpt-5', tools, prompt }))
  for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  expect(formatRun(await ledger.runs.export('ORD-001'))).toContain('stock')
})

test('without a ledger it is the plain client, which needs no key', async () => {
  const client = scriptedOpenAI(['Hello.'])
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  const { choices } = await client.chat.completions.create({ model: 'any', messages })
  expect([choices[0]?.message.content, client.requests.length]).toEqual(['Hello.', 1])
})
