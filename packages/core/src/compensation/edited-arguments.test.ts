import { expect, test } from 'vitest'
import { z } from 'zod'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { tool } from '../run/callable-tool.ts'
import { temporaryLedger } from '../testing/story.ts'

test('what a human edited is undone as it was executed: parsed by the schema', async () => {
  const seen: unknown[] = []
  const pay = tool({
    name: 'pay',
    inputSchema: z.object({ cents: z.string().transform(Number) }),
    execute: (args) => seen.push(['do', args]),
    compensate: (_result, args) => seen.push(['undo', args]),
    approval: true,
  })
  const ledger = temporaryLedger({ tools: [pay] })
  const order = async () => {
    await pay({ cents: '500' })
    throw new Error('the agent gave up')
  }
  const asked = await ledger.run({ id: 'order' }, order).catch((error: unknown) => error)
  await ledger.approvals.approve(ApprovalRequiredError.find(asked)?.approval.key ?? '', { args: { cents: '300' } })
  await expect(ledger.run({ id: 'order' }, order)).rejects.toThrow('the agent gave up')
  expect(seen).toEqual([
    ['do', { cents: 300 }],
    ['undo', { cents: 300 }],
  ])
})
