import { dollars, heading, prove, quote, say, showRun } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import { readOrder } from '../orders.ts'

/** Scene 1: everything goes well. Returns the agent's last words. */
export async function cleanOrder(stage: Stage, orderId: string): Promise<string> {
  const order = readOrder(orderId)
  heading('1  A clean order')
  const before = stage.evidence.tally(order)
  const agent = new ShopProcess(stage.config, 'worker', 'fulfil-order', orderId)
  say(`Process ${agent.pid} fulfils order ${orderId}: ${order.line.title} for ${order.customer.name}.`)
  const words = await agent.answer()
  quote(words)
  showRun(await stage.ledger.runs.export(`order-${orderId}`))

  const after = stage.evidence.tally(order)
  prove(
    `one charge of ${dollars(after.chargedCents)}, one parcel, one mail, stock ${before.onHand} → ${after.onHand}.`,
    {
      'one charge': after.charges === 1,
      'of the right amount': after.chargedCents === order.totalCents,
      'one parcel': after.parcels === 1,
      'one mail': after.mails === 1,
      'the stock went down by what was ordered': before.onHand - after.onHand === order.line.quantity,
    },
  )
  return words
}
