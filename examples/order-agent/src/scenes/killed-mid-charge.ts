import type { RunExport } from 'holdfast'
import { killWhen } from '../demo/kill-when.ts'
import { showPayments } from '../demo/payment-lines.ts'
import { dollars, heading, prove, quote, say, showRun } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import type { JournalLine } from '../journal.ts'
import { readOrder } from '../orders.ts'

/** Scene 3: the agent dies when the money has moved and the ledger does not know it yet; a fresh process goes on. */
export async function killedMidCharge(stage: Stage, orderId: string): Promise<void> {
  const order = readOrder(orderId)
  heading('3  Killed between the charge and its commit')
  const before = stage.evidence.tally(order)
  await killWhen('charge', stage, 'fulfil-order', orderId)
  say('The payment service has charged the card and not answered yet: SIGKILL. What the ledger knows of it:')
  const atDeath = stage.evidence.tally(order)
  const dead = await timeline(stage, orderId)

  const heir = new ShopProcess(stage.config, 'worker', 'fulfil-order', orderId)
  say(`Process ${heir.pid} takes the same order, and goes on from there:`)
  quote(await heir.answer())
  const whole = await timeline(stage, orderId)

  const log = stage.evidence.paymentLog(orderId)
  showPayments(log)
  const after = stage.evidence.tally(order)
  const stock = `${before.onHand} → ${after.onHand}`
  prove(`one charge of ${dollars(after.chargedCents)} for two requests under one key; one mail, stock ${stock}.`, {
    'the ledger did not know the outcome when the agent died': statusOf(dead, 'charge-card') === 'processing',
    'the card was charged by then': atDeath.charges === 1,
    ...requestFacts(log),
    'one charge in all': after.charges === 1 && after.chargedCents === order.totalCents,
    'which the ledger now knows': statusOf(whole, 'charge-card') === 'succeeded',
    'one parcel and one mail': after.parcels === 1 && after.mails === 1,
    'the stock went down once': before.onHand - after.onHand === order.line.quantity,
    'the model was asked nothing twice': !stage.modelIsLocal || after.modelAnswers === whole.calls.length,
  })
}

function requestFacts(log: readonly JournalLine[]): Readonly<Record<string, boolean>> {
  const requests = log.filter((line) => line.event === 'request')
  return {
    'two processes asked for the charge': requests.length === 2 && requests[0]?.client !== requests[1]?.client,
    'under one key': requests[0]?.key === requests[1]?.key,
  }
}

async function timeline(stage: Stage, orderId: string): Promise<RunExport> {
  const run = await stage.ledger.runs.export(`order-${orderId}`)
  showRun(run)
  return run
}

function statusOf(run: RunExport, tool: string): string | undefined {
  return run.effects.find((effect) => effect.tool === tool)?.status
}
