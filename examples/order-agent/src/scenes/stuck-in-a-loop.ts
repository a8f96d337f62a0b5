import { formatUsd, type RunExport } from 'holdfast'
import { MAX_TURNS } from '../agent.ts'
import { heading, prove, quote, say, showRun } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import type { JournalLine } from '../journal.ts'

const ALLOWED = 5

/** Scene 8: the model asks for the same again and again; it is told so, asks once more, and is stopped. */
export async function stuckInALoop(stage: Stage, orderId: string): Promise<void> {
  heading('8  Stuck in a loop')
  const before = stage.evidence.modelLog(orderId).length
  const agent = new ShopProcess(stage.model.config, 'worker', 'watch-parcel', orderId)
  say(`Process ${agent.pid} is to write to the customer once the parcel is there. The carrier says: in transit.`)
  const { code } = await agent.ended
  const run = await stage.ledger.runs.export(`parcel-${orderId}`)
  showRun(run)
  const log = stage.evidence.modelLog(orderId).slice(before)
  say('What the model was told with the last answer that it got:')
  quote(String(log.at(-1)?.advice))

  const bills = log.map(({ billedNano }) => Number(billedNano))
  const last = bills.at(-1) ?? 0
  const spared = MAX_TURNS - log.length
  const spent = `${log.length} of the ${MAX_TURNS} turns of its loop, ${formatUsd(sumOf(bills))} spent`
  const saved = `at least ${spared} × ${formatUsd(last)} = ${formatUsd(spared * last)} saved`
  prove(`advised, it asked again, and was stopped before the carrier heard of it: ${spent}, ${saved}.`, {
    'the carrier was asked as often as is allowed': stage.evidence.tracked(orderId) === ALLOWED,
    'the run failed for that, and its process said so':
      code === 1 && run.run.status === 'failed' && run.run.error?.code === 'loop-detected',
    ...turnFacts(log),
    ...moneyFacts(bills, run),
  })
}

function turnFacts(log: readonly JournalLine[]): Readonly<Record<string, boolean>> {
  const advised = log.filter(({ advice }) => String(advice).includes(`${ALLOWED} times in a row`))
  return {
    'the model was asked once more': log.length === ALLOWED + 1,
    'it wanted the same each time': log.every((line) => line.with === 'track-parcel'),
    'it was told once, before its last turn': advised.length === 1 && advised[0] === log.at(-1),
  }
}

function moneyFacts(bills: readonly number[], { cost }: RunExport): Readonly<Record<string, boolean>> {
  return {
    'the ledger has what the model server bills': cost.spentNano === sumOf(bills) && cost.heldNano === 0,
    'each turn cost more than the one before': bills.every((nano, turn) => nano > (bills[turn - 1] ?? 0)),
  }
}

function sumOf(bills: readonly number[]): number {
  return bills.reduce((sum, nano) => sum + nano, 0)
}
