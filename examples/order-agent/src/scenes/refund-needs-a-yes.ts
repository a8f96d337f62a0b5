import type { RunExport } from 'holdfast'
import { dollars, heading, prove, quote, say, show, showRun } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import { type Order, readOrder } from '../orders.ts'

const PERSON = 'maria@example.com'

/** Scene 5: a refund that a person has to approve; asked by one process, approved in another, executed by a third. */
export async function refundNeedsAYes(stage: Stage, orderId: string): Promise<void> {
  const order = readOrder(orderId)
  const runId = `refund-${orderId}`
  heading("5  A refund that needs a person's yes")
  const before = stage.evidence.tally(order)
  const agent = new ShopProcess(stage.config, 'worker', 'refund-order', orderId)
  say(`Process ${agent.pid} is to refund order ${orderId}, ${dollars(order.totalCents)}, and ends with:`)
  show(await agent.answer())
  const waiting = (await stage.ledger.runs.get(runId))?.status === 'waiting'

  const desk = new ShopProcess(stage.config, 'approve', runId, PERSON, 'she sent a photo')
  say(`Process ${desk.pid} is a person's desk; it knows neither the tools nor the model:`)
  show(await desk.answer())
  const approved = stage.evidence.tally(order)

  const heir = new ShopProcess(stage.config, 'recover')
  say(`Process ${heir.pid} is what the shop starts every minute; it calls recover():`)
  quote(await heir.answer())
  const run = await stage.ledger.runs.export(runId)
  showRun(run)
  const after = stage.evidence.tally(order)
  prove(`no refund before the yes, one of ${dollars(after.refundedCents)} after it, and one mail.`, {
    'the run waited, owned by nobody': waiting,
    'nothing was refunded before the yes, nor by it':
      approved.refunds === 0 && refundRequests(stage, order).length === 1,
    'the third process asked for the refund': refundRequests(stage, order)[0] === `order-agent/${heir.pid}`,
    'one refund of the whole': after.refunds === 1 && after.refundedCents === order.totalCents,
    'one mail': after.mails - before.mails === 1,
    'who said yes is on record': deciderOf(run) === PERSON,
    'the model was asked nothing twice':
      !stage.modelIsLocal || after.modelAnswers - before.modelAnswers === run.calls.length,
  })
}

/** Who asked the payment service for a refund. */
function refundRequests(stage: Stage, { id }: Order): readonly unknown[] {
  const log = stage.evidence.paymentLog(id)
  return log.flatMap(({ event, path, client }) => (event === 'request' && path === '/v1/refunds' ? [client] : []))
}

function deciderOf(run: RunExport): unknown {
  return run.approvals.find(({ status }) => status === 'approved')?.by
}
