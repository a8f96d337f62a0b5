import { type CompensationContext, createLedger, type EffectContext, NotAppliedError, sqlite, tool } from 'holdfast'
import { expect, test } from 'vitest'
import { CrashGround } from './support/crash-ground.ts'
import { Outside } from './support/outside.ts'
import type { ServiceLine } from './support/outside-log.ts'

const ORDER = { what: 'tea', cents: 1900 }
type Order = typeof ORDER

test('paid, failed, refunded and tried again, an order is charged under a new key, and refunded once', async () => {
  await using ground = await CrashGround.prepare()
  const caseId = 'order-1'
  const ledgerPath = `${ground.directory}/${caseId}.db`
  const outside = new Outside({ url: ground.service.url, caseId, ledgerPath })
  const pay = tool({
    name: 'pay',
    execute: (args: Order, context: EffectContext) => outside.act('pay', args, context),
    compensate: (result, _args, context: CompensationContext) => outside.undo({ undoes: result }, context),
  })
  const ship = tool({
    name: 'ship',
    execute: (_args: Order, context: EffectContext): string => {
      if (context.generation === 1) throw new NotAppliedError('nobody is at home')
      return 'shipped'
    },
  })
  await using ledger = createLedger({ store: sqlite(ledgerPath), tools: [pay, ship] })
  const order = (retry: boolean) =>
    ledger.run({ id: caseId, input: ORDER, retry }, async () => [await pay(ORDER), await ship(ORDER)])

  await expect(order(false)).rejects.toThrow('nobody is at home')
  expect(await ledger.runs.get(caseId)).toMatchObject({ status: 'compensated' })
  // Whoever asks again without wanting another attempt gets the same answer, and nothing is charged.
  await expect(order(false)).rejects.toThrow('nobody is at home')
  const [second] = await order(true)

  const lines = ground.service.linesOf(caseId)
  const [charge, refund, again, ...more] = lines as [ServiceLine, ServiceLine, ServiceLine]
  expect(more).toEqual([])
  expect(lines.map(({ tool: name, kind }) => [name, kind])).toEqual([
    ['pay', 'act'],
    ['undo', 'act'],
    ['pay', 'act'],
  ])
  // The service keeps the first answer of a key: under the old one it would have answered with the refunded charge.
  expect(new Set([charge.key, refund.key, again.key]).size).toBe(3)
  expect(refund.args).toEqual({ undoes: charge.result })
  expect(second).toEqual(again.result)
  expect(second).not.toEqual(charge.result)

  const view = (generation: number, status: string, key: string | null) => ({ generation, status, idempotencyKey: key })
  expect((await ledger.effects.list()).filter((effect) => effect.tool === 'pay')).toMatchObject([
    view(1, 'compensated', charge.key),
    view(2, 'succeeded', again.key),
  ])
  expect(await ledger.verify()).toEqual({ ok: true, problems: [] })
})
