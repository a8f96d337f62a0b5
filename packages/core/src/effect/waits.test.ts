import { describe, expect, test, vi } from 'vitest'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import type { Ledger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'

const ID = { id: 'turn-1' }

describe('waiting for a body in this process', () => {
  test('ends when the time is over, and not at all begins where it is to throw', async () => {
    const ledger = temporaryLedger()
    const body = gate<string>()
    const charge = tool({ name: 'charge', execute: body.pass })
    await ledger.run(ID, async () => {
      const first = charge()
      await body.started
      await expect(charge(undefined, { wait: { timeoutMs: 20 } })).rejects.toThrow(EffectInProgressError)
      await expect(charge(undefined, { wait: { onBusy: 'throw' } })).rejects.toThrow(EffectInProgressError)
      const patient = charge(undefined, { wait: { timeoutMs: Number.POSITIVE_INFINITY } })
      body.open('charged')
      expect(await Promise.all([first, patient])).toEqual(['charged', 'charged'])
    })
  })

  test('lasts as long as the body where nobody says how long to wait', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const body = gate<string>()
    const charge = tool({ name: 'charge', execute: body.pass })
    await ledger.run(ID, async () => {
      const both = Promise.all([charge(), charge()])
      await body.started
      await clock.advance(120_000)
      body.open('charged')
      expect(await both).toEqual(['charged', 'charged'])
    })
  })

  test('ends when it is a claim by hand that only the waiting strand could settle', async () => {
    const ledger = temporaryLedger({ wait: { timeoutMs: 20 } })
    const charge = countedTool('charge')
    await ledger.run(ID, async (run) => {
      await using _claim = await run.begin(charge, { note: 'tea' })
      await expect(charge({ note: 'tea' })).rejects.toThrow(EffectInProgressError)
    })
    expect(charge.done).toEqual([])
  })

  test('that is over no longer counts as one that a cycle could close', async () => {
    const ledger = temporaryLedger()
    const body = gate<string>()
    const slow = tool({ name: 'slow', execute: body.pass })
    const impatient = tool({
      name: 'impatient',
      execute: async () => {
        await slow(undefined, { wait: { timeoutMs: 5 } }).catch(() => undefined)
        body.open('done')
        return await slow()
      },
    })
    const answers = await ledger.run(ID, async () => Promise.all([slow(), impatient()]))
    expect(answers).toEqual(['done', 'done'])
  })
})

describe('a body that would wait for itself is refused at once', () => {
  test.each<[string, (ledger: Ledger, again: () => Promise<unknown>) => Promise<unknown>]>([
    ['through a child run', (ledger, again) => ledger.run({ name: 'child' }, again)],
    ['through the run that it is in, opened by its id', (ledger, again) => ledger.run(ID, again)],
    ['through a run that has no parent', (ledger, again) => ledger.run({ parent: null }, again)],
    ['through a child run of a child run', (ledger, again) => ledger.run({}, () => ledger.run({ name: 'b' }, again))],
    [
      'through another tool in a child run',
      (ledger, again) => ledger.run({}, () => tool({ name: 'b', execute: again })()),
    ],
    [
      'through a child run that is opened by hand',
      async (ledger, again) => {
        await using run = await ledger.open({ name: 'child' })
        return await run.perform(tool({ name: 'b', execute: again }), undefined)
      },
    ],
  ])('%s', async (_, through) => {
    const ledger = temporaryLedger()
    const again = (): Promise<unknown> => recursive().catch((error: unknown) => String(error))
    const execute = vi.fn(() => through(ledger, again))
    const recursive = tool({ name: 'recursive', once: 'ledger', key: () => 'k', execute })
    expect(await ledger.run(ID, () => recursive())).toContain('waiting would never end')
    expect(execute).toHaveBeenCalledOnce()
  })
})
