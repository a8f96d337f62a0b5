import { expect, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { tool } from '../run/callable-tool.ts'
import type { Run } from '../run/run.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { sha256Hex } from '../util/hash.ts'

const ID = { id: 'turn-1' }
const TEA = { note: 'tea' }
const hashOf = (value: unknown) => ({ $hf: 'hash', value: sha256Hex(JSON.stringify(value)) })

test("with record: 'hash' the hashes of what was given and what came of it are all that is shown, and all that stays", async () => {
  const ledger = temporaryLedger()
  const charge = countedTool('charge', { record: 'hash' })
  const shown = { args: hashOf(TEA), result: hashOf('charge of tea') }
  await ledger.run(ID, async () => {
    expect(await charge(TEA)).toBe('charge of tea')
    // A second caller is answered as long as the run is open.
    expect(await charge(TEA)).toBe('charge of tea')
    expect(await ledger.effects.list()).toMatchObject([shown])
  })
  expect(await ledger.effects.list()).toMatchObject([{ ...shown, resultKept: false }])
  expect(JSON.stringify(await ledger.runs.export(ID.id))).not.toContain('tea')
})

test('a read, a failure and what is told of it show as much as their tool says', async () => {
  const ledger = temporaryLedger()
  const look = countedTool('look', { effect: 'read', record: 'redacted' })
  const fail = tool({
    name: 'fail',
    record: 'redacted',
    execute: ({ note }: typeof TEA): string => {
      throw new Error(`no ${note}`)
    },
  })
  const told = vi.fn()
  ledger.on('effect-failed', told)
  await ledger.run(ID, async () => {
    await look(TEA)
    await fail(TEA).catch(() => undefined)
  })
  expect(told.mock.calls[0]?.[0].error.message).toBe('[redacted]')
  const text = JSON.stringify(await ledger.runs.export(ID.id))
  expect(text).toContain('[redacted]')
  expect(text).not.toContain('tea')
})

test('a model call is recorded as it says itself, and a word that is no level sends nothing', async () => {
  const ledger = temporaryLedger()
  const send = vi.fn(async () => 'sweet tea')
  const ask = (run: Run, record?: string) =>
    run.call({ provider: 'test', model: 'test-1', request: { messages: ['tea?'] }, record: record as never }, send)
  await ledger.run(ID, async (run) => {
    await expect(ask(run, 'secret')).rejects.toThrow(ConfigError)
    expect(send).not.toHaveBeenCalled()
    expect(await ask(run, 'redacted')).toBe('sweet tea')
  })
  const [call] = await ledger.calls.list()
  expect(call).toMatchObject({ request: { messages: ['[redacted]'] }, response: '[redacted]' })
})

test("what record: 'hash' dropped when its run was over is said to be dropped, whatever it was", async () => {
  const ledger = temporaryLedger()
  const charge = countedTool('charge', { record: 'hash' })
  const look = countedTool('look', { effect: 'read', record: 'hash' })
  const refuse = (name: string, effect: 'read' | 'write') =>
    tool({
      name,
      record: 'hash',
      effect,
      execute: ({ note }: typeof TEA): string => {
        throw new NotAppliedError(`no ${note}`)
      },
    })
  const deny = countedTool('deny', { record: 'hash', approval: { block: true } })
  ledger.on('approval-requested', ({ key }) => void ledger.approvals.deny(key))
  const all = [charge, look, refuse('fail', 'write'), refuse('blind', 'read'), deny]
  const said: unknown[] = []
  // Its output cannot be stored, so the agent is gone through again.
  const agent = async () => {
    for (const one of all) said.push(await one(TEA).catch((error: unknown) => error))
    return () => undefined
  }
  await ledger.run(ID, agent)
  said.length = 0
  await ledger.run(ID, agent)
  expect(said.map((error) => [ConfigError.isInstance(error), String(error).includes('was dropped')])).toEqual(
    all.map(() => [true, true]),
  )
  expect([charge.done, look.done]).toEqual([['tea'], ['tea']])
})
