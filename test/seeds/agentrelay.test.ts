/**
 * The weaknesses of AgentRelay, each with a test that ours does not have it. Replay, where most of them were found, comes
 * later; a run that is answered from its records meets the same traps today, so those are tested on it.
 *
 * What is about undoing is in agentrelay-compensation.test.ts, what is about money in agentrelay-money.test.ts.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type CallRequest,
  EffectFailedError,
  EffectUnknownError,
  NoRunError,
  NotSerializableError,
  type Run,
  tool,
} from 'holdfast'
import { expect, test } from 'vitest'
import { fileLedger, gate, memoryLedger, temporaryFolder } from './support/ledgers.ts'

/** What a framework returns: the record cannot give it back, so the agent runs again over its records. */
class AgentResult {
  readonly values: readonly unknown[]

  constructor(...values: readonly unknown[]) {
    this.values = values
  }
}

test('R1: what the record answers has the type that it had: a text stays a text, an object an object', async () => {
  const ledger = memoryLedger()
  let executions = 0
  const values = ['pay-1', '{"a":1}', { id: 1, at: new Date(5) }, 0, null, undefined, [1n, new Uint8Array([7])]]
  const give = tool({
    name: 'give',
    execute: ({ index }: { index: number }) => {
      executions++
      return values[index]
    },
  })
  const agent = async () => {
    const given = []
    for (const index of values.keys()) given.push(await give({ index }))
    return new AgentResult(...given)
  }
  expect((await ledger.run({ id: 'r1' }, agent)).values).toEqual(values)
  expect((await ledger.run({ id: 'r1' }, agent)).values).toEqual(values)
  expect(executions).toBe(values.length)
})

test('R2: a run that is asked for again from its records leaves its record as it was', async () => {
  const ledger = memoryLedger()
  const charge = tool({ name: 'charge', execute: ({ cents }: { cents: number }) => ({ cents }) })
  const agent = async (run: Run) => {
    const { cents } = await charge({ cents: 5 })
    await charge({ cents: 5 })
    await run.call(ask('gpt', `paid ${cents}`), async () => 'thanks')
    return new AgentResult(cents)
  }
  await ledger.run({ id: 'r2' }, agent)
  const before = JSON.stringify(await ledger.runs.export('r2'))
  await ledger.run({ id: 'r2' }, agent)
  expect(JSON.stringify(await ledger.runs.export('r2'))).toBe(before)
})

test('R3: on resume a call with other arguments is not given the recorded result', async () => {
  const ledger = memoryLedger()
  const charge = tool({ name: 'charge', execute: ({ cents }: { cents: number }) => `charged ${cents}` })
  const first = await ledger.open({ id: 'r3' })
  await first.perform(charge, { cents: 1 })
  await leave(first)
  const results = await ledger.run({ id: 'r3', retry: true }, async () => [
    await charge({ cents: 2 }),
    await charge({ cents: 1 }),
  ])
  expect(results).toEqual(['charged 2', 'charged 1'])
})

test('R4: a run with a deduplicated call can be run over its records', async () => {
  const ledger = memoryLedger()
  let executions = 0
  const mail = tool({ name: 'mail', execute: ({ to }: { to: string }) => `${to} ${++executions}` })
  const agent = async () => {
    const [first, hit] = [await mail({ to: 'ann' }), await mail({ to: 'ann' })]
    const joined = await Promise.all([mail({ to: 'bob' }), mail({ to: 'bob' })])
    return new AgentResult(first, hit, ...joined)
  }
  const values = ['ann 1', 'ann 1', 'bob 2', 'bob 2']
  expect((await ledger.run({ id: 'r4' }, agent)).values).toEqual(values)
  expect((await ledger.run({ id: 'r4' }, agent)).values).toEqual(values)
  expect(executions).toBe(2)
})

test('R5: a model call inside a tool does not get into the way of the calls around it', async () => {
  const ledger = memoryLedger()
  const sent: string[] = []
  const send = (text: string) => async () => {
    sent.push(text)
    return `answer to ${text}`
  }
  const summarise = tool({
    name: 'summarise',
    execute: ({ text }: { text: string }, { runId }) => currentCall(runs.get(runId) as Run, `inner ${text}`, send),
  })
  const runs = new Map<string, Run>()
  const agent = async (run: Run) => {
    runs.set(run.id, run)
    const before = await currentCall(run, 'before', send)
    const inner = await summarise({ text: before })
    const after = await currentCall(run, 'after', send)
    return new AgentResult(before, inner, after)
  }
  const first = await ledger.run({ id: 'r5' }, agent)
  expect(sent).toEqual(['before', 'inner answer to before', 'after'])
  expect((await ledger.run({ id: 'r5' }, agent)).values).toEqual(first.values)
  expect(sent).toHaveLength(3)
})

test('R6: calls that differ only in their model or their prompt never get each other’s answer', async () => {
  const ledger = memoryLedger()
  const requests = [ask('small', 'hello'), ask('large', 'hello'), ask('small', 'goodbye'), ask('small', 'hello')]
  const agent = async (run: Run) => {
    const answers: string[] = []
    for (const request of requests) answers.push(await run.call(request, async () => `${request.model} ${sent++}`))
    return new AgentResult(...answers)
  }
  let sent = 0
  const answers = ['small 0', 'large 1', 'small 2', 'small 3']
  expect((await ledger.run({ id: 'r6' }, agent)).values).toEqual(answers)
  expect((await ledger.run({ id: 'r6' }, agent)).values).toEqual(answers)
})

test('R7: a paid answer is recorded and released whatever its usage looks like', async () => {
  const ledger = memoryLedger()
  class Usage {
    readonly input_tokens = 10
  }
  const response = { text: 'hi', usage: new Usage() }
  const readings: NonNullable<CallRequest<typeof response>['usage']>[] = [
    ({ usage }) => usage,
    () => ({ prompt_tokens: 10, completion_tokens: 2 }),
    () => {
      throw new TypeError('no such field')
    },
    () => undefined,
  ]
  await ledger.run({ id: 'r7' }, async (run) => {
    for (const [index, usage] of readings.entries()) {
      expect(await run.call({ ...ask('gpt', `${index}`), usage }, async () => response)).toBe(response)
    }
  })
  const calls = await ledger.calls.list()
  expect(calls.map(({ status }) => status)).toEqual(readings.map(() => 'succeeded'))
  // Where the reader says nothing, what the answer itself says, in our words.
  const counted = [{ input_tokens: 10 }, { prompt_tokens: 10, completion_tokens: 2 }, { input: 10 }, { input: 10 }]
  expect(calls.map(({ usage }) => usage)).toEqual(counted)
})

test('R10: the same arguments are the same effect, however they are written', async () => {
  const ledger = memoryLedger()
  let executions = 0
  const charge = tool({
    name: 'charge',
    execute: (_: { amount: number; card: string; memo?: string | undefined }) => ++executions,
  })
  await ledger.run({ id: 'r10' }, async () => {
    await charge({ amount: 1, card: 'c' })
    await charge({ card: 'c', amount: 1 })
    await charge({ card: 'c', amount: 1, memo: undefined })
  })
  expect(executions).toBe(1)
})

test('R11: a tool that has lost its run is refused and does nothing', async () => {
  const ledger = memoryLedger()
  let executions = 0
  const charge = tool({ name: 'charge', execute: () => ++executions })
  const lost = gate<void>()
  // Made outside the run, so that the run's context does not reach it.
  const elsewhere = lost.pass().then(() => charge())
  await ledger.run({ id: 'r11' }, async () => lost.open())
  await expect(elsewhere).rejects.toThrow(NoRunError)
  expect(executions).toBe(0)
})

test('R12: a failure is not for ever, and keeps its type', async () => {
  const ledger = memoryLedger()
  class CardDeclined extends Error {
    override readonly name = 'CardDeclined'
    readonly status = 402
  }
  let executions = 0
  const charge = tool({
    name: 'charge',
    execute: () => {
      if (++executions === 1) throw new CardDeclined('no funds')
      return executions
    },
  })
  const flaky = tool({ name: 'flaky', execute: () => Promise.reject(new TypeError('a bug, perhaps')) })
  await ledger.run({ id: 'r12' }, async () => {
    await expect(charge()).rejects.toThrow(CardDeclined)
    // Known not to have happened: asked again, it is a new life of the effect.
    expect(await charge()).toBe(2)
    await expect(flaky()).rejects.toThrow(TypeError)
    const recorded = await flaky().catch((error: unknown) => error)
    expect(EffectFailedError.find(recorded)).toBeDefined()
    expect(recorded).toMatchObject({ cause: { name: 'TypeError', message: 'a bug, perhaps' } })
  })
})

test('R13: what an async tool resolves to is its result', async () => {
  const ledger = memoryLedger()
  const asynchronous = tool({ name: 'async', execute: async () => ({ id: 'x' }) })
  const thenable = tool({ name: 'thenable', execute: () => Promise.resolve(['y']) })
  await ledger.run({ id: 'r13' }, async () => {
    expect([await asynchronous(), await asynchronous()]).toEqual([{ id: 'x' }, { id: 'x' }])
    expect([await thenable(), await thenable()]).toEqual([['y'], ['y']])
  })
})

test('R14: a run that was killed goes on in another process, and nobody waits for the dead', async () => {
  const folder = temporaryFolder()
  const agent = fileURLToPath(new URL('./support/dying-agent.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', agent, folder], { stdio: 'inherit' })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')

  const ledger = fileLedger(folder)
  const ours: string[] = []
  const charge = tool({
    name: 'charge',
    execute: (_: { cents: number }) => ({ id: `ours ${ours.push('charge')}`, cents: 0 }),
  })
  const ship = tool({ name: 'ship', execute: (_: { charge: string }) => `ours ${ours.push('ship')}` })
  const goOn = async () => ship({ charge: (await charge({ cents: 2_500 })).id })
  const stopped = await ledger.run({ id: 'order-1' }, goOn).catch((error: unknown) => error)
  const unknown = EffectUnknownError.find(stopped)
  expect(unknown).toMatchObject({ tool: 'ship' })
  await ledger.effects.resolve(unknown?.key as string, { outcome: 'applied', result: 'it is on its way', by: 'ann' })
  expect(await ledger.run({ id: 'order-1', retry: true }, goOn)).toBe('it is on its way')
  expect(ours).toEqual([])
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('charge 2500\nship ch_1\n')
})

test('R15: what happens at once is numbered without gaps and without doubles', async () => {
  const ledger = memoryLedger()
  const note = tool({
    name: 'note',
    execute: async ({ number }: { number: number }) => {
      await new Promise<void>((resolve) => setImmediate(resolve))
      return number
    },
  })
  await ledger.run({ id: 'r15' }, () => Promise.all(Array.from({ length: 50 }, (_, number) => note({ number }))))
  const { entries, effects } = await ledger.runs.export('r15')
  expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1))
  expect(new Set(effects.map(({ commitSeq }) => commitSeq)).size).toBe(50)
})

test('R16: an instance in a result is no text that pretends to be it, and an instance in arguments makes no key', async () => {
  const ledger = memoryLedger()
  let executions = 0
  const make = tool({ name: 'make', execute: () => new AgentResult(++executions) })
  const take = tool({ name: 'take', execute: (_: { what: AgentResult }) => ++executions })
  await ledger.run({ id: 'r16' }, async () => {
    for (const _ of ['fresh', 'hit']) {
      const error = await make().catch((thrown: unknown) => thrown)
      expect(NotSerializableError.isInstance(error)).toBe(true)
    }
    await expect(take({ what: new AgentResult() })).rejects.toThrow(NotSerializableError)
  })
  expect(executions).toBe(1)
  expect(await ledger.effects.list()).toMatchObject([{ tool: 'make', status: 'succeeded', resultKept: false }])
})

test('R16: a run inside a run gives the outer one back when it ends', async () => {
  const ledger = memoryLedger()
  const note = tool({ name: 'note', execute: (_: string, { runId }) => runId })
  const where = await ledger.run({ id: 'outer' }, async () => {
    const before = await note('before')
    const inside = await ledger.run({ id: 'inner' }, () => note('inside'))
    await expect(ledger.run({ id: 'broken' }, () => Promise.reject(new Error('inner')))).rejects.toThrow('inner')
    return [before, inside, await note('after')]
  })
  expect(where).toEqual(['outer', 'inner', 'outer'])
})

test('R16: the file is in WAL mode, so that readers do not wait for the writer', async () => {
  const folder = temporaryFolder()
  const ledger = fileLedger(folder)
  const mode = tool({
    name: 'mode',
    commit: (transaction, _result: undefined, _args: undefined) => {
      modes.push(transaction.prepare('SELECT journal_mode FROM pragma_journal_mode').get())
    },
  })
  const modes: unknown[] = []
  await ledger.run({ id: 'wal' }, () => mode(undefined))
  expect(modes).toEqual([{ journal_mode: 'wal' }])
})

function ask(model: string, text: string): Omit<CallRequest, 'usage'> {
  return { provider: 'test', model, request: { model, messages: [{ role: 'user', content: text }] } }
}

function currentCall(run: Run, text: string, send: (text: string) => () => Promise<string>): Promise<string> {
  return run.call(ask('gpt', text), send(text))
}

/** Ends a run badly, so that the next attempt starts from its records. */
async function leave(run: Run): Promise<void> {
  await run.fail(new Error('left'))
}
