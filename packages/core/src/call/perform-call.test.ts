import { describe, expect, test, vi } from 'vitest'
import { DivergenceError } from '../errors/divergence-error.ts'
import type { Run } from '../run/run.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { CallContext } from './call-request.ts'

const ID = { id: 'turn-1' }

function ask<T>(run: Run, messages: readonly string[], send: (call: CallContext) => Promise<T>): Promise<T> {
  return run.call({ provider: 'test', model: 'test-1', request: { messages } }, send)
}

describe('a call', () => {
  test('is on record, with its usage, before its answer is released', async () => {
    const ledger = temporaryLedger()
    await ledger.run(ID, async (run) => {
      const usage = (said: { tokens: number }) => ({ output: said.tokens })
      const call = { provider: 'test', model: 'test-1', request: { messages: ['hi'] }, usage }
      const said = await run.call(call, async () => ({ text: 'hello', tokens: 2 }))
      expect(said).toEqual({ text: 'hello', tokens: 2 })
      expect(await ledger.calls.list()).toMatchObject([
        { status: 'succeeded', model: 'test-1', response: said, usage: { output: 2 } },
      ])
    })
  })

  test('is told its number in its lane, and when to stop', async () => {
    const ledger = temporaryLedger()
    await ledger.run(ID, async (run) => {
      const ordinals: number[] = []
      for (const question of ['one', 'two'])
        await ask(run, [question], async ({ ordinal, signal }) => {
          expect(signal.aborted).toBe(false)
          ordinals.push(ordinal)
        })
      expect(ordinals).toEqual([1, 2])
    })
  })

  test('that fails throws the error of its client, and says the same words on resume', async () => {
    const ledger = temporaryLedger()
    const send = vi.fn(() => Promise.reject(Object.assign(new RangeError('overloaded'), { status: 529 })))
    const agent = async (run: Run) => {
      const error = await ask(run, ['hi'], send).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'RangeError', message: 'overloaded', status: 529 })
    }
    await interrupted(ledger, 'turn-1', agent)
    await ledger.run(ID, agent)
    expect(send).toHaveBeenCalledOnce()
    expect(await ledger.calls.list()).toMatchObject([{ status: 'failed' }])
  })

  test('of the same words as another is served first in, first out', async () => {
    const ledger = temporaryLedger()
    let said = 0
    const send = vi.fn(async () => ++said)
    const agent = async (run: Run) => [await ask(run, ['next'], send), await ask(run, ['next'], send)]
    await interrupted(ledger, 'turn-1', agent)
    expect(await ledger.run(ID, agent)).toEqual([1, 2])
    expect(send).toHaveBeenCalledTimes(2)
  })

  test('of a long conversation is served, and shown with its whole request', async () => {
    const ledger = temporaryLedger()
    const send = vi.fn(async () => 'go on')
    const agent = async (run: Run) => {
      const messages: string[] = []
      for (let turn = 0; turn < 30; turn++) messages.push(`turn ${turn}`, await ask(run, [...messages], send))
      return messages.length
    }
    await interrupted(ledger, 'turn-1', agent)
    expect(await ledger.run(ID, agent)).toBe(60)
    expect(send).toHaveBeenCalledTimes(30)
    const { calls } = await ledger.runs.export('turn-1')
    const messages = Array.from({ length: 29 }, (_, turn) => [`turn ${turn}`, 'go on']).flat()
    expect(calls.at(-1)?.request).toEqual({ messages })
  })
})

describe('an answer that cannot be stored', () => {
  class Stream {
    readonly text = 'said'
  }

  test('is released as it is, which is told, and is asked for again on resume', async () => {
    const ledger = temporaryLedger()
    const told = vi.fn()
    ledger.on('output-not-kept', told)
    const send = vi.fn(async () => new Stream())
    const agent = async (run: Run) => (await ask(run, ['hi'], send)) instanceof Stream
    await interrupted(ledger, 'turn-1', agent)
    expect(await ledger.run(ID, agent)).toBe(true)
    expect([send.mock.calls.length, told.mock.calls.length]).toEqual([2, 2])
  })

  test('is not asked for again where its effects could be repeated', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    let life = 1
    const send = vi.fn(async () => new Stream())
    const agent = async (run: Run) => {
      const { text } = await ask(run, ['hi'], send)
      return charge({ note: `${text} in life ${life}` })
    }
    await interrupted(ledger, 'turn-1', agent)
    life = 2
    await expect(ledger.run(ID, agent)).rejects.toThrow(DivergenceError)
    expect([send.mock.calls.length, charge.done]).toEqual([1, ['said in life 1']])
  })
})
