import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { Run } from '../run/run.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { EffectDecision, EffectResult } from './by-hand.ts'
import type { ClaimedByHand } from './manual.ts'

const TEA = { note: 'tea' }

async function claimed(run: Run): Promise<ClaimedByHand<string>> {
  const claim = await run.begin(countedTool('charge'), TEA)
  if (claim.kind !== 'claimed') throw new Error(`it is ${claim.kind}`)
  return claim
}

test('a commit with the epoch of an earlier generation is lost', async () => {
  const ledger = temporaryLedger()
  const run = await ledger.open({ id: 'turn-1' })
  const first = await claimed(run)
  await first.fail(new NotAppliedError('declined'))
  const second = await claimed(run)
  const late = await ledger.effects.commit(first.key, 1, { outcome: 'succeeded', result: 'of the first' })
  expect(late).toEqual({ kind: 'lost' })
  expect(await second.commit('of the second')).toBe('of the second')
  const effects = await ledger.effects.list()
  expect(effects.map(({ generation, status, epoch }) => [generation, status, epoch])).toEqual([
    [1, 'failed', 1],
    [2, 'succeeded', 2],
  ])
})

describe('a word that is none of an outcome', () => {
  test.each(['succeeded', 'Applied', '', undefined])('(%j) resolves nothing', async (outcome) => {
    const ledger = temporaryLedger()
    const run = await ledger.open({ id: 'turn-1' })
    const { key, fail } = await lost(run)
    await fail()
    await expect(ledger.effects.resolve(key, { outcome } as unknown as EffectDecision)).rejects.toThrow(ConfigError)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown' }])
  })

  test.each([{ outcome: 'success' }, { outcome: 'failed', certainty: 'maybe' }])(
    '(%j) commits nothing',
    async (said) => {
      const ledger = temporaryLedger()
      const run = await ledger.open({ id: 'turn-1' })
      const { key } = await lost(run)
      await expect(ledger.effects.commit(key, 1, said as unknown as EffectResult)).rejects.toThrow(ConfigError)
      expect(await ledger.effects.list()).toMatchObject([{ status: 'processing' }])
    },
  )

  async function lost(run: Run) {
    const claim = await claimed(run)
    const fail = () => claim.fail(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    return { key: claim.key, fail }
  }
})
