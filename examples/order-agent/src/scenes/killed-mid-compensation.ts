import { isDeepStrictEqual } from 'node:util'
import { killWhen } from '../demo/kill-when.ts'
import { showPayments } from '../demo/payment-lines.ts'
import { dollars, heading, prove, quote, say, showRun } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import type { JournalLine } from '../journal.ts'
import { readOrder } from '../orders.ts'

/** Scene 6: the agent dies in the middle of undoing what it did; `recover()` finishes it in another process. */
export async function killedMidCompensation(stage: Stage, orderId: string): Promise<void> {
  const order = readOrder(orderId)
  const runId = `order-${orderId}`
  heading('6  Killed in the middle of undoing')
  const before = stage.evidence.tally(order)
  await killWhen('refund', stage, 'fulfil-order', orderId)
  say('The customer has no mailbox, so the order is undone: the parcel is called back, the card refunded. SIGKILL.')
  const atDeath = stage.evidence.tally(order)
  const dead = await stage.ledger.runs.get(runId)

  const heir = new ShopProcess(stage.config, 'recover')
  say(`Process ${heir.pid} knows nothing of it and calls recover():`)
  quote(await heir.answer())
  const run = await stage.ledger.runs.export(runId)
  showRun(run)

  const log = stage.evidence.paymentLog(orderId)
  showPayments(log)
  const after = stage.evidence.tally(order)
  prove(
    `one refund of ${dollars(after.refundedCents)} for two requests under one key; all of it undone, in order, once.`,
    {
      'it died in the middle': dead?.status === 'compensating' && atDeath.refunds === 1,
      'when the parcel was called back, and the stock not put back':
        atDeath.recalls === 1 && atDeath.onHand < before.onHand,
      ...refundFacts(log),
      'one charge, one refund of as much': after.refunds === 1 && after.refundedCents === after.chargedCents,
      'one parcel, called back once': after.parcels === 1 && after.recalls === 1,
      'the stock is what it was': after.onHand === before.onHand && stage.evidence.stockMoves(orderId).length === 2,
      'the last deed was undone first': isDeepStrictEqual(stage.evidence.undone(orderId), [
        'recall',
        'refund',
        'stock put back',
      ]),
      'and the ledger knows': run.run.status === 'compensated',
    },
  )
}

function refundFacts(log: readonly JournalLine[]): Readonly<Record<string, boolean>> {
  const [first, second, ...others] = log.filter(({ event, path }) => event === 'request' && path === '/v1/refunds')
  return {
    'two processes asked for the refund':
      others.length === 0 && second !== undefined && first?.client !== second.client,
    'under one key': first?.key === second?.key,
  }
}
