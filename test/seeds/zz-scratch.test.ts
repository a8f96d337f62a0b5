import { ApprovalRequiredError, ManualClock, tool } from 'holdfast'
import { expect, test } from 'vitest'
import { memoryLedger } from './support/ledgers.ts'

test('H1 stale yes', async () => {
  const clock = new ManualClock()
  const ledger = memoryLedger({ clock, leaseMs: 10 ** 12 })
  const done: number[] = []
  const refund = tool({
    name: 'refund', keys: ['order'], approval: { expiresMs: 1000 },
    execute: ({ cents }: { order: number; cents: number }) => done.push(cents),
  })
  await ledger.run({ id: 'x' }, () => refund({ order: 1, cents: 25 })).catch(() => 0)
  const [seen] = await Array.fromAsync(ledger.approvals.pending())
  console.log(seen)
  await clock.advance(1000)
  await ledger.run({ id: 'x' }, () => refund({ order: 1, cents: 9900 })).catch(() => 0)
  console.log(await ledger.approvals.approve(seen!.key))
  await ledger.run({ id: 'x' }, () => refund({ order: 1, cents: 9900 })).catch(() => 0)
  console.log(done)
})

test('H2 changed between claim and body', async () => {
  const clock = new ManualClock()
  const ledger = memoryLedger({ clock })
  const done: number[] = []
  const refund = tool({ name: 'refund', approval: true, execute: ({ cents }: { cents: number }) => done.push(cents) })
  const args = { cents: 25 }
  await ledger.run({ id: 'x' }, () => refund(args)).catch(() => 0)
  const [seen] = await Array.fromAsync(ledger.approvals.pending())
  await ledger.approvals.approve(seen!.key)
  ledger.on('effect-claimed', async () => {
    void clock.advance(60_001)
    for (let i = 0; i < 40; i++) { await Promise.resolve() }
    await clock.turn()
    args.cents = 9900
  })
  console.log(await ledger.run({ id: 'x' }, () => refund(args)).catch((e) => e))
  console.log(done)
})
