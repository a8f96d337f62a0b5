import { expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'

const ID = { id: 'turn-1' }
const TEA = { note: 'tea' }
const POLICIES = [true, () => false, { block: true }] as const

test.each(POLICIES)(
  'a compensation that is a tool with an approval (%j) is refused before anything happens',
  async (approval) => {
    const refund = countedTool('refund', { approval })
    const charge = countedTool('charge', { compensate: 'refund' })
    const ledger = temporaryLedger({ tools: [refund] })
    await ledger.run(ID, async (run) => {
      await expect(charge(TEA)).rejects.toThrow(ConfigError)
      await expect(run.begin(charge, TEA)).rejects.toThrow('a compensation asks nobody')
    })
    expect([charge.done, refund.done, await ledger.effects.list()]).toEqual([[], [], []])
  },
)

test('that is so too where the tool is not registered, but was called before', async () => {
  const refund = countedTool('refund', { approval: () => false })
  const charge = countedTool('charge', { compensate: 'refund' })
  await temporaryLedger().run(ID, async () => {
    await refund(TEA)
    await expect(charge(TEA)).rejects.toThrow("compensated by the tool 'refund', which needs an approval")
  })
  expect(charge.done).toEqual([])
})
