import { createLedger, HoldfastError, type Ledger, memory, usd } from 'holdfast'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { METHODS, UNDOCUMENTED } from './support/billed-methods.ts'
import { type AnyBody, isBilled, kindOf, type Probed, probed, WHATEVER } from './support/client-methods.ts'
import { ANTHROPIC, OPENAI, type Sdk } from './support/sdks.ts'
import { WireServer } from './support/wire-server.ts'

const FILE = new File(['abc'], 'a.mp3', { type: 'audio/mpeg' })
const ANY = {
  ...{ messages: [{ role: 'user', content: 'a' }], max_tokens: 100, input: 'a', prompt: 'a', tools: [], requests: [] },
  ...{ file: FILE, files: [FILE], image: FILE, voice: 'alloy', thread_id: 'id_1' },
}
const OPENAI_BODY = { ...ANY, model: 'gpt-5' }
const ANTHROPIC_BODY = { ...ANY, model: 'claude-haiku-4-5' }

/** An SDK with a body for all its methods, and where its provider is known by. */
type Side = readonly [name: string, sdk: Sdk<object>, body: AnyBody, base: string]
const SIDES: readonly Side[] = [
  ...OPENAI.map((sdk): Side => [sdk.name, sdk, OPENAI_BODY, 'https://api.openai.com']),
  ...ANTHROPIC.map((sdk): Side => [sdk.name, sdk, ANTHROPIC_BODY, 'https://api.anthropic.com']),
]
const KEYS = { adminAPIKey: 'sk-admin' }
const REFUSALS = ['budget-exceeded', 'unbounded-call', 'unknown-price']
const BUDGET = usd('0.01')

/** A ledger whose budget is spent to the last cent. */
async function spentLedger(): Promise<Ledger> {
  const ledger = createLedger({ store: memory(), scopes: { ledger: { budget: BUDGET } } })
  onTestFinished(() => ledger.close())
  const request = { messages: ['all of it'], max_tokens: 1_000 }
  const usage = { prompt_tokens: 1, completion_tokens: 1_000 }
  await ledger.call({ provider: 'any', model: 'm', request, price: { input: 0, output: 10 } }, async () => ({ usage }))
  expect((await ledger.scopes.usage('ledger')).spent).toBe(BUDGET)
  return ledger
}

function methodsOf([, sdk, body, base]: Side, changes: object = {}): Promise<Probed[]> {
  return probed((fetch) => sdk.bare('http://nowhere', { ...KEYS, fetch }), { ...body, ...changes }, base)
}

describe.each(SIDES)('%s', (...side) => {
  const [name, sdk, , base] = side
  const table = METHODS[name] ?? { billed: [], silent: {} }

  test('the table has every method that sends something which is billed, and every one that sends nothing', async () => {
    const methods = await methodsOf(side)
    const named = (is: (one: Probed) => boolean) => methods.filter(is).map((one) => one.name)
    expect(named(({ kinds }) => kinds.some(isBilled)).sort()).toEqual([...table.billed].sort())
    expect(named(({ kinds }) => kinds.length === 0).sort()).toEqual(Object.keys(table.silent).sort())
    const unknown = named(({ kinds }) => kinds.includes('unknown'))
    expect(unknown.filter((one) => !UNDOCUMENTED.includes(one))).toEqual([])
  })

  test.each([
    ['', {}],
    [', as a stream', { stream: true }],
  ])('with a spent budget not a byte of what is billed is sent, and it is heard of once%s', async (_, changes) => {
    await using server = await WireServer.start(() => ({ body: JSON.stringify(WHATEVER) }))
    const ledger = await spentLedger()
    const asked = vi.spyOn(ledger, 'call')
    const client = sdk.guarded(server.url, ledger, { ...KEYS, maxRetries: 2 })
    const billed = (await methodsOf(side, changes)).filter(({ kinds }) => kinds.some(isBilled))
    expect(billed.length).toBeGreaterThan(10)
    for (const { name: method, kinds, call } of billed) {
      const before = { asked: asked.mock.calls.length, connections: server.connections }
      const error: unknown = await call(client).catch((thrown: unknown) => thrown)
      expect(HoldfastError.isInstance(error), `${method}: ${String(error)}`).toBe(true)
      expect(error, method).toBeInstanceOf(sdk.base)
      expect(REFUSALS, method).toContain((error as HoldfastError).code)
      expect(asked.mock.calls.length - before.asked, method).toBe(1)
      if (kinds.every(isBilled)) expect(server.connections - before.connections, method).toBe(0)
    }
    // Some upload a file first, which is free.
    expect(server.heard.filter(({ method, path }) => isBilled(kindOf(method, path, base)))).toEqual([])
    expect(await ledger.scopes.usage('ledger')).toMatchObject({ spent: BUDGET, held: 0 })
  })

  test('nobody who lets a refusal fall leaves more than one rejection behind', async () => {
    await using server = await WireServer.start()
    const client = sdk.guarded(server.url, await spentLedger(), KEYS)
    const seen: unknown[] = []
    const listener = (error: unknown) => void seen.push(error)
    process.on('unhandledRejection', listener)
    const method = (await methodsOf(side)).find((one) => /^(?:chat\.completions|messages)\.create$/.test(one.name))
    void method?.call(client)
    await expect.poll(() => seen.length).toBeGreaterThan(0)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(seen).toHaveLength(1)
    expect(server.connections).toBe(0)
  })
})
