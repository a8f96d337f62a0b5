import { isDeepStrictEqual } from 'node:util'
import { heading, prove, quote, say } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import { readOrder } from '../orders.ts'

/** Scene 2: the same order is asked for again, and answered from the record. */
export async function sameOrderAgain(stage: Stage, orderId: string, words: string): Promise<void> {
  const order = readOrder(orderId)
  heading('2  The same order, asked for again')
  const before = stage.evidence.tally(order)
  const agent = new ShopProcess(stage.config, 'worker', 'fulfil-order', orderId)
  say(`Process ${agent.pid} knows nothing of the first one, but asks the same ledger.`)
  const again = await agent.answer()
  quote(again)

  const requests = stage.modelIsLocal ? 'no model request' : 'no other word from the model'
  prove(`the recorded answer, word for word; no new charge in the payment service's log, ${requests}.`, {
    'the same words': again === words,
    'nothing outside has changed': isDeepStrictEqual(stage.evidence.tally(order), before),
  })
}
