/** `runTools` with both real clients and a scripted model behind them. */
import {
  ApprovalRequiredError,
  BudgetExceededError,
  ConfigError,
  createLedger,
  EffectUnknownError,
  type LedgerOptions,
  LoopDetectedError,
  memory,
  NoRunError,
  NotAppliedError,
  NotSerializableError,
  TurnLimitError,
  tool,
  usd,
} from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { LOOPED } from './support/model-loops.ts'

const PLAIN = { type: 'object' }
const run = { id: 'order-1' }

function ledgerWith(options: LedgerOptions = {}) {
  const ledger = createLedger({ store: memory(), limits: {}, ...options })
  onTestFinished(() => ledger.close())
  return ledger
}

const caught = (thrown: unknown) => thrown

describe.each(LOOPED)('runTools with $name', ({ start }) => {
  test('answers with what was said, the conversation, its turns and its usage', async () => {
    const ledger = ledgerWith()
    const usage = { input: 10, output: 5 }
    const model = start(
      [
        { tools: [['pay', { cents: 5 }]], usage },
        { text: 'Paid.', usage },
      ],
      ledger,
    )
    const inputSchema = z.object({ cents: z.number() })
    const pay = tool({ name: 'pay', inputSchema, execute: ({ cents }) => ({ id: 'ch_1', cents }) })
    const seen: unknown[] = []
    const onMessage = (message: unknown) => seen.push(message)
    const result = await ledger.run(run, () => model.ask({ tools: [pay], system: 'You pay.', onMessage }))
    expect(result).toMatchObject({ text: 'Paid.', turns: 2, usage: { input: 20, output: 10 } })
    expect(result.messages.slice(1)).toEqual(seen)
    expect(result.messages).toHaveLength(4)
    expect(JSON.stringify(model.requests[1]?.body)).toContain('You pay.')
    expect(model.heard()).toEqual(['{"id":"ch_1","cents":5}'])
    expect((await ledger.effects.list({ runId: 'order-1' })).length).toBe(1)
    expect((await ledger.calls.list()).length).toBe(2)
  })

  test('makes the calls of one turn side by side, and tells them in their order', async () => {
    const ledger = ledgerWith()
    const { promise: slow, resolve } = Promise.withResolvers<string>()
    const first = tool({ name: 'first', parameters: PLAIN, execute: () => slow })
    const second = tool({ name: 'second', parameters: PLAIN, execute: () => resolve('1st') ?? '2nd' })
    const model = start([[['first'], ['second']], 'Done.'], ledger)
    await ledger.run(run, () => model.ask({ tools: [first, second] }))
    expect(model.heard()).toEqual(['1st', '2nd'])
  })

  test('tells the model what it can act on', async () => {
    const ledger = ledgerWith()
    const declines = tool({
      name: 'declines',
      parameters: PLAIN,
      execute: () => {
        throw new NotAppliedError('The card was declined.')
      },
    })
    const breaks = tool({
      name: 'breaks',
      parameters: PLAIN,
      execute: () => {
        throw new RangeError('No stock.')
      },
    })
    const strict = tool({ name: 'strict', inputSchema: z.object({ cents: z.number() }), execute: () => 1 })
    const calls = [['declines'], ['breaks'], ['strict', { cents: 'x' }], ['nobody'], ['strict', '[1]']] as const
    const model = start([calls, 'I could not.'], ledger)
    const { text } = await ledger.run(run, () => model.ask({ tools: [declines, breaks, strict] }))
    expect(text).toBe('I could not.')
    expect(model.heard().slice(0, 4)).toEqual([
      'NotAppliedError: The card was declined.',
      'RangeError: No stock.',
      expect.stringMatching(/^InvalidArgumentsError: The arguments of tool "strict" do not fit.*cents/),
      'There is no tool "nobody". Nothing was run. The tools are: declines, breaks, strict.',
    ])
    expect(model.heard()[4]).toContain('It was not run.')
  })

  test('is told a human’s no, and stops for the question', async () => {
    const ledger = ledgerWith()
    const done: string[] = []
    const refund = tool({ name: 'refund', parameters: PLAIN, approval: true, execute: () => done.push('refund') })
    const look = tool({ name: 'look', parameters: PLAIN, execute: () => done.push('look') })
    const model = start([[['look'], ['refund']], 'It was not allowed.'], ledger)
    const agent = () => ledger.run(run, async () => (await model.ask({ tools: [refund, look] })).text)
    const required = ApprovalRequiredError.find(await agent().catch(caught))
    expect([done, model.requests.length]).toEqual([['look'], 1])
    await ledger.approvals.deny(required?.approval.key ?? '', { by: 'ann', reason: 'too late' })
    expect(await agent()).toBe('It was not allowed.')
    // The first turn came from the record, and what it did was done once.
    expect([done, model.requests.length]).toEqual([['look'], 2])
    expect(model.heard()[1]).toMatch(/^ApprovalDeniedError: "refund" was denied by ann: too late/)
  })

  test('throws what stops a run: a budget, an unknown outcome, a loop', async () => {
    const poor = ledgerWith()
    const none = start(['Hello.'], poor)
    const broke = poor.run({ id: 'poor', limits: { budget: usd('0.0001') } }, () => none.ask({ tools: [] }))
    expect(await broke.catch(caught)).toSatisfy((error) => BudgetExceededError.isInstance(error))
    expect(none.requests).toHaveLength(0)

    const ledger = ledgerWith()
    const lost = tool({
      name: 'lost',
      parameters: PLAIN,
      execute: () => {
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      },
    })
    const unsure = start([['lost'], 'never said'], ledger)
    const unknown = await ledger.run({ id: 'unknown' }, () => unsure.ask({ tools: [lost] })).catch(caught)
    expect(EffectUnknownError.find(unknown)).toMatchObject({ tool: 'lost' })
    expect(unsure.requests).toHaveLength(1)

    const same = tool({ name: 'same', parameters: PLAIN, effect: 'read', execute: () => 'nothing new' })
    const round = start(
      Array.from({ length: 5 }, () => ['same'] as const),
      ledger,
    )
    const limits = { loop: { repeats: 3 } }
    const looped = await ledger.run({ id: 'loop', limits }, () => round.ask({ tools: [same] })).catch(caught)
    expect(LoopDetectedError.find(looped)).toMatchObject({ tool: 'same' })
    const answers = round.heard()
    expect(answers.slice(0, 2)).toEqual(['nothing new', 'nothing new'])
    // It was told before it was stopped.
    expect(answers[2]).toMatch(/^nothing new\n\n./)
  })

  test('stops after its turns, and says what was done', async () => {
    const ledger = ledgerWith()
    const done: unknown[] = []
    const step = tool({ name: 'step', parameters: PLAIN, execute: (args: object) => done.push(args) })
    const script = Array.from({ length: 9 }, (_, n) => ['step', { n }] as const)
    const model = start(script, ledger)
    const error = await ledger.run(run, () => model.ask({ tools: [step], maxTurns: 3 })).catch(caught)
    const limit = TurnLimitError.find(error)
    expect(limit).toMatchObject({ turns: 3, calls: Array(2).fill({ tool: 'step', failed: false }), asked: ['step'] })
    expect(limit?.messages).toHaveLength(6)
    // What it asked for last was not executed.
    expect([done, model.requests.length]).toEqual([[{ n: 0 }, { n: 1 }], 3])
    expect(await ledger.runs.get('order-1')).toMatchObject({ status: 'failed', error: { code: 'turn-limit' } })
  })

  test('shows no more of a result than it is told to', async () => {
    const ledger = ledgerWith()
    const dump = tool({ name: 'dump', parameters: PLAIN, execute: () => 'x'.repeat(5_000) })
    const model = start([['dump'], 'Much.'], ledger)
    await ledger.run(run, () => model.ask({ tools: [dump], maxResultChars: 10 }))
    expect(model.heard()).toEqual([`${'x'.repeat(10)}\n\n[Cut off: these are 10 of 5000 characters.]`])
  })

  test('goes on in the same conversation when its process died', async () => {
    const ledger = ledgerWith()
    const done: string[] = []
    const pay = tool({ name: 'pay', parameters: PLAIN, execute: () => ({ number: done.push('pay') }) })
    const fails = tool({
      name: 'fails',
      parameters: PLAIN,
      execute: () => {
        done.push('fails')
        throw new RangeError('No stock.')
      },
    })
    const model = start([[['pay'], ['fails']], 'Paid, but no stock.', 'Anything else?'], ledger)
    let isDead = true
    const said: unknown[] = []
    const agent = async () => {
      said.push(await model.ask({ tools: [pay, fails] }))
      if (isDead) throw new Error('died')
      return (await model.ask({ tools: [], prompt: 'And now?' })).text
    }
    const options = { ...run, onError: 'keep', retry: true } as const
    await ledger.run(options, agent).catch(caught)
    isDead = false
    expect(await ledger.run(options, agent)).toBe('Anything else?')
    expect(said[1]).toEqual(said[0])
    expect([done, model.requests.length]).toEqual([['pay', 'fails'], 3])
  })

  test('belongs to the run that it is given, where the context is lost', async () => {
    const ledger = ledgerWith()
    const pay = tool({ name: 'pay', parameters: PLAIN, execute: () => 'paid' })
    const model = start([['pay'], 'Paid.'], ledger)
    const opened = await ledger.open({ id: 'opened' })
    await model.ask({ tools: [pay], run: opened })
    await opened.complete()
    expect((await ledger.calls.list({ runId: 'opened' })).length).toBe(2)
    expect((await ledger.effects.list({ runId: 'opened' })).length).toBe(1)
  })

  test('throws what is for the program, and not for the model', async () => {
    const ledger = ledgerWith()
    const odd = tool({ name: 'odd', parameters: PLAIN, execute: () => ({ socket: () => 1 }) })
    const model = start([['odd'], ['odd', { again: true }], 'never said'], ledger)
    // Outside of runs a tool has no key.
    await expect(model.ask({ tools: [odd] })).rejects.toThrow(NoRunError)
    await expect(ledger.run(run, () => model.ask({ tools: [odd] }))).rejects.toThrow(NotSerializableError)
    expect(model.requests).toHaveLength(2)
  })

  test('makes no call whose arguments were cut off', async () => {
    const ledger = ledgerWith()
    const done: unknown[] = []
    const pay = tool({ name: 'pay', parameters: PLAIN, execute: (args: object) => done.push(args) })
    const tools = [
      ['pay', { cents: 1 }],
      ['pay', '{"cents":2'],
    ] as const
    const model = start([{ tools, cutOff: true }, 'Once.'], ledger)
    await ledger.run(run, () => model.ask({ tools: [pay] }))
    expect(done).toEqual([{ cents: 1 }])
    expect(model.heard()[1]).toContain('It was not run.')
  })

  test('sends nothing for a tool that it cannot show, nor once it is aborted', async () => {
    const ledger = ledgerWith()
    const model = start(['x'], ledger)
    const bare = tool({ name: 'bare', execute: () => 1 })
    await expect(model.ask({ tools: [bare] })).rejects.toThrow(ConfigError)
    const signal = AbortSignal.abort(new Error('The user left.'))
    await expect(model.ask({ tools: [], signal })).rejects.toThrow('The user left.')
    expect(model.requests).toHaveLength(0)
  })
})
