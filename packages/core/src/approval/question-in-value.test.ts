import { describe, expect, test } from 'vitest'
import { tool } from '../run/callable-tool.ts'
import type { Run } from '../run/run.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ID, pendingOf, TEA, waiting } from './testing/waiting-run.ts'

const REQUEST = { provider: 'test', model: 'test-1', request: { messages: ['hi'] } }

/** Where a question can be met that is no effect's body. */
const PLACES: readonly (readonly [what: string, make: (run: Run, work: () => Promise<string>) => Promise<string>])[] = [
  ['the function of a value', (run, work) => run.value('summary', work)],
  ['the sender of a call', (run, work) => run.call(REQUEST, work)],
]

/** What a framework inside makes of the error. */
const SWALLOWS: readonly (readonly [what: string, swallow: () => string])[] = [
  ['returns', () => 'a message to the model'],
  [
    'throws an error of its own',
    () => {
      throw new Error('no step is left')
    },
  ],
]

describe.each(PLACES)('%s in which a question was met,', (_, make) => {
  test.each(SWALLOWS)('and which %s, has no outcome: it is executed again after the yes', async (_how, swallow) => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    let times = 0
    const agent = (run: Run) =>
      make(run, () => {
        times++
        return charge(TEA).catch(swallow)
      })
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.run(ID, agent)).toBe('charge of tea')
    expect([times, charge.done]).toEqual([2, ['tea']])
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('by a run below it, has no outcome either', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const child = () => ledger.run({ name: 'child' }, () => charge(TEA)).catch(() => 'a message to the model')
    const agent = (run: Run) => make(run, child)
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.run(ID, agent)).toBe('charge of tea')
  })

  test('starts nothing more', async () => {
    const ledger = temporaryLedger()
    const [charge, refund] = [countedTool('charge', { approval: true }), countedTool('refund')]
    const agent = (run: Run) =>
      make(run, async () => {
        await charge(TEA).catch(() => 'another way is tried')
        return refund(TEA).catch(() => 'no way')
      })
    await waiting(ledger, agent)
    expect(refund.done).toEqual([])
  })

  test('inside a body, holds that up too', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const outer = (run: Run) =>
      tool({
        name: 'outer',
        onUnknown: 'retry',
        execute: (_args: typeof TEA) => make(run, () => charge(TEA).catch(() => 'a message to the model')),
      })
    const agent = (run: Run) => outer(run)(TEA)
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.effects.list({ tool: 'outer' })).toMatchObject([{ status: 'unknown' }])
    expect(await ledger.run(ID, agent)).toBe('charge of tea')
  })
})

describe('beside a question', () => {
  test.each(PLACES)('%s ends as it does, and is served afterwards', async (_, make) => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const { started, pass, open } = gate<string>()
    let times = 0
    const agent = async (run: Run) => {
      const making = make(run, () => {
        times++
        return pass()
      })
      await Promise.race([started, making])
      return Promise.all([making, charge(TEA)])
    }
    const ended = waiting(ledger, agent)
    await eventually(async () => expect(await pendingOf(ledger)).toHaveLength(1))
    open('made')
    await ledger.approvals.approve(await ended)
    expect(await ledger.run(ID, agent)).toEqual(['made', 'charge of tea'])
    expect(times).toBe(1)
  })

  test('a call that its client gives up, because the signal of the run says so, is made again', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const sent = gate<void>()
    let times = 0
    const agent = async (run: Run) => {
      const calling = run.call(REQUEST, async ({ signal }) => {
        if (++times === 2) return 'said'
        const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
        void sent.pass()
        await aborted
        throw new DOMException('This operation was aborted', 'AbortError')
      })
      await Promise.race([sent.started, calling])
      return Promise.all([calling, charge(TEA)])
    }
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.run(ID, agent)).toEqual(['said', 'charge of tea'])
    expect((await ledger.calls.list()).map(({ status }) => status)).toEqual(['lost', 'succeeded'])
  })

  test('a body in flight still gets the values that it asks for', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const { started, pass, open } = gate<string>()
    const agent = async (run: Run) => {
      const ship = tool({
        name: 'ship',
        execute: async (_: typeof TEA) => `${await pass()} ${await run.value('n', () => 7)}`,
      })
      const shipping = ship(TEA)
      await Promise.race([started, shipping])
      return Promise.all([shipping, charge(TEA)])
    }
    const ended = waiting(ledger, agent)
    await eventually(async () => expect(await pendingOf(ledger)).toHaveLength(1))
    open('parcel')
    await ledger.approvals.approve(await ended)
    expect(await ledger.run(ID, agent)).toEqual(['parcel 7', 'charge of tea'])
  })
})
