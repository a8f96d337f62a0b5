import { describe, expect, test } from 'vitest'
import type { Run } from '../run/run.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { noteTool } from './testing/note-tool.ts'
import { ID, pendingOf, TEA } from './testing/waiting-run.ts'

describe('an effect begun by hand', () => {
  test('awaits its approval without stopping the run, and is claimed once it is there', async () => {
    const ledger = temporaryLedger()
    const [charge, mail] = [countedTool('charge', { approval: { reason: 'dear' } }), countedTool('mail')]
    await ledger.run(ID, async (run) => {
      const asked = await run.begin(charge, TEA)
      if (asked.kind !== 'awaiting_approval') throw new Error(asked.kind)
      expect(asked.approval).toMatchObject({ tool: 'charge', reason: 'dear', runId: 'turn-1' })
      expect(await mail(TEA)).toBe('mail of tea')
      await ledger.approvals.approve(asked.approval.key)
      const claim = await run.begin(charge, TEA)
      if (claim.kind !== 'claimed') throw new Error(claim.kind)
      expect([claim.args, await claim.commit('paid')]).toEqual([TEA, 'paid'])
    })
    expect(await ledger.runs.get(ID.id)).toMatchObject({ status: 'completed' })
  })

  test('is told of a no, also when it is resumed', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const hold = countedTool('hold', { approval: true })
    const kinds: string[] = []
    const agent = async (run: Run) => {
      const asked = await run.begin(charge, TEA)
      kinds.push(asked.kind)
      if (asked.kind === 'awaiting_approval') await ledger.approvals.deny(asked.approval.key, { reason: 'no' })
      const denied = await run.begin(charge, TEA)
      kinds.push(denied.kind)
      await hold(TEA)
      return denied.kind === 'denied' && denied.error.message
    }
    await ledger.run(ID, agent).catch(() => undefined)
    for (const { key } of await pendingOf(ledger)) await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toContain('was denied: no')
    expect(kinds).toEqual(['awaiting_approval', 'denied', 'denied', 'denied'])
  })

  test('gets the arguments that an approval edited, through the schema of its tool', async () => {
    const ledger = temporaryLedger()
    const { charge } = noteTool()
    await ledger.run(ID, async (run) => {
      const asked = await run.begin(charge, TEA)
      if (asked.kind !== 'awaiting_approval') throw new Error(asked.kind)
      await ledger.approvals.approve(asked.approval.key, { args: { note: ' milk ' } })
      const claim = await run.begin(charge, TEA)
      if (claim.kind !== 'claimed') throw new Error(claim.kind)
      expect(claim.args).toEqual({ note: 'milk' })
      await claim.commit('paid')
    })
  })

  test('can be turned into a question by whoever holds it, and is claimed again after the yes', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    await ledger.run(ID, async (run) => {
      const key = await (async () => {
        await using claim = await run.begin(charge, TEA)
        if (claim.kind !== 'claimed') throw new Error(claim.kind)
        expect(await ledger.approvals.request(claim.key, { reason: 'unusual' })).toBe(true)
        return claim.key
      })()
      expect(await pendingOf(ledger)).toMatchObject([{ key, reason: 'unusual', args: TEA, from: 'ledger' }])
      const second = await run.begin(charge, TEA)
      expect(second.kind).toBe('awaiting_approval')
      await ledger.approvals.approve(key)
      const claim = await run.begin(charge, TEA)
      if (claim.kind !== 'claimed') throw new Error(claim.kind)
      await claim.commit('paid')
    })
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', generation: 1, attempt: 1 }])
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('is not executed by a holder who goes on in spite of the question', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const ended = ledger.run({ ...ID, onError: 'keep' }, async (run) => {
      const claim = await run.begin(charge, TEA)
      if (claim.kind !== 'claimed') throw new Error(claim.kind)
      await ledger.approvals.request(claim.key)
      expect(claim.signal.aborted || (await claim.commit('paid').catch((error: Error) => error.name))).toBe(
        'LeaseLostError',
      )
    })
    await expect(ended).rejects.toThrow('taken over')
    // The run has ended, and its open question with it.
    expect(await ledger.effects.list()).toMatchObject([{ status: 'canceled' }])
  })

  test('that was denied can be asked about again', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    await ledger.run(ID, async (run) => {
      const asked = await run.begin(charge, TEA)
      if (asked.kind !== 'awaiting_approval') throw new Error(asked.kind)
      const { key } = asked.approval
      await ledger.approvals.deny(key)
      expect(await ledger.approvals.request(key, { reason: 'look again' })).toBe(true)
      expect(await ledger.approvals.approve(key)).toBe(true)
      expect(await charge(TEA)).toBe('charge of tea')
    })
    expect(charge.done).toEqual(['tea'])
  })

  test.each([{ reasons: 'x' }, { expiresMs: 0 }, { expiresMs: Number.NaN }])(
    'is not asked about with %j',
    async (options) => {
      const ledger = temporaryLedger()
      await expect(ledger.approvals.request('x', options as never)).rejects.toThrow(/no option|above 0/)
    },
  )
})
