import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { Run } from '../run/run.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { ClaimedByHand } from './manual.ts'

const ID = { id: 'turn-1' }
const TEA = { note: 'tea' }

async function claimed(run: Run, charge = countedTool('charge')): Promise<ClaimedByHand<string>> {
  const claim = await run.begin(charge, TEA)
  if (claim.kind !== 'claimed') throw new Error(`it is ${claim.kind}`)
  return claim
}

describe('an effect begun by hand', () => {
  test('and committed is the same effect as one that was performed', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    await ledger.run(ID, async (run) => {
      const claim = await claimed(run, charge)
      expect((await run.begin(charge, TEA)).kind).toBe('busy')
      const live = { paid: new Date(5) }
      expect(await claim.commit(live as never)).toStrictEqual(live)
      expect(await run.begin(charge, TEA)).toMatchObject({ kind: 'settled', result: live })
      expect(await charge(TEA)).toEqual(live)
    })
    expect(charge.done).toEqual([])
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', attempt: 1 }])
  })

  test('is settled for those who performed it before', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    await ledger.run(ID, async (run) => {
      await charge(TEA)
      expect(await run.begin(charge, TEA)).toMatchObject({ kind: 'settled', result: 'charge of tea' })
    })
  })

  test.each([
    ['a known failure', new NotAppliedError('declined'), 'failed', 'not_applied', 'claimed'],
    ['an odd failure', new Error('odd'), 'failed', 'assumed', 'failed'],
  ] as const)('and failed by %s is %s, %s; begun again it is %s', async (_, error, status, certainty, again) => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const run = await ledger.open(ID)
    const claim = await claimed(run, charge)
    await claim.fail(error)
    expect(await ledger.effects.list()).toMatchObject([{ status, certainty }])
    const second = await run.begin(charge, TEA)
    expect(second.kind).toBe(again)
    if (second.kind === 'claimed') expect(second.idempotencyKey).not.toBe(claim.idempotencyKey)
    await second[Symbol.asyncDispose]()
    await run.complete()
  })

  test('and failed by a lost answer is unknown', async () => {
    const ledger = temporaryLedger()
    const run = await ledger.open(ID)
    await (await claimed(run)).fail(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown' }])
    await expect(run.perform(countedTool('charge'), TEA)).rejects.toThrow(EffectUnknownError)
  })

  test('and left open is unknown: when it is disposed of, and when its run ends', async () => {
    const ledger = temporaryLedger()
    const run = await ledger.open(ID)
    {
      await using _claim = await claimed(run)
    }
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown' }])
    const other = await ledger.open({ id: 'turn-2' })
    await claimed(other)
    await other.complete('done')
    expect((await ledger.effects.list({ runId: 'turn-2' })).map(({ status }) => status)).toEqual(['unknown'])
  })

  test('is settled once', async () => {
    const ledger = temporaryLedger()
    const run = await ledger.open(ID)
    const claim = await claimed(run)
    await claim.commit('paid')
    await expect(claim.commit('again')).rejects.toThrow(ConfigError)
    await expect(claim.fail(new Error('no'))).rejects.toThrow(ConfigError)
    await claim[Symbol.asyncDispose]()
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', result: 'paid' }])
  })

  test('cannot be a read', async () => {
    const run = await temporaryLedger().open(ID)
    await expect(run.begin(countedTool('look', { effect: 'read' }), TEA)).rejects.toThrow(ConfigError)
  })

  test('is served from the record on resume', async () => {
    const ledger = temporaryLedger()
    const controller = new AbortController()
    const charge = countedTool('charge')
    const first = ledger.run({ ...ID, signal: controller.signal }, async (run) => {
      await (await claimed(run, charge)).commit('paid')
      controller.abort(new Error('interrupted'))
      throw new Error('interrupted')
    })
    await expect(first).rejects.toThrow('interrupted')
    const second = await ledger.run(ID, (run) => run.begin(charge, TEA).then(({ kind }) => kind))
    expect(second).toBe('settled')
  })
})
