import { isDeepStrictEqual } from 'node:util'
import { showPayments } from '../demo/payment-lines.ts'
import { dollars, heading, prove, say, showRun } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import { readOrder } from '../orders.ts'

/** Scene 4: the carrier refuses the parcel when the card is charged already; what was done is undone, the last first. */
export async function shippingFails(stage: Stage, orderId: string): Promise<void> {
  const order = readOrder(orderId)
  heading('4  Shipping fails, and what came before it is undone')
  const before = stage.evidence.tally(order)
  const agent = new ShopProcess(stage.config, 'worker', 'fulfil-order', orderId)
  say(`Process ${agent.pid} fulfils order ${orderId}: ${order.line.title}, to ${order.customer.address}.`)
  const { code } = await agent.ended
  const run = await stage.ledger.runs.export(`order-${orderId}`)
  showRun(run)

  const log = stage.evidence.paymentLog(orderId)
  showPayments(log)
  const after = stage.evidence.tally(order)
  const amount = dollars(after.refundedCents)
  prove(`one charge and one refund of ${amount}, then the stock put back; no parcel, no mail.`, {
    'the agent failed, and said so': code === 1,
    'one charge': after.charges === 1 && after.chargedCents === order.totalCents,
    'one refund of as much': after.refunds === 1 && after.refundedCents === order.totalCents,
    'under a key of its own': new Set(log.map(({ key }) => key)).size === 2,
    'the last deed was undone first': isDeepStrictEqual(stage.evidence.undone(orderId), ['refund', 'stock put back']),
    'the stock is what it was': after.onHand === before.onHand && stage.evidence.stockMoves(orderId).length === 2,
    'no parcel and no mail': after.parcels === 0 && after.mails === 0,
    'and the ledger knows': run.run.status === 'compensated',
  })
}
