import { type CallView, formatUsage, formatUsd } from 'holdfast'
import { heading, prove, quote, say, show } from '../demo/screen.ts'
import { ShopProcess } from '../demo/shop-process.ts'
import type { Stage } from '../demo/stage.ts'
import type { Refused } from '../drafts.ts'
import type { JournalLine } from '../journal.ts'

const CALLS = 50
const AFFORDABLE = 2
/** Calls by process. */
const SHARES = [13, 13, 12, 12] as const

/** Scene 7: four processes ask for fifty model calls at once, where the user's budget affords two. */
export async function fiftyAtOnce(stage: Stage, orderId: string): Promise<void> {
  heading('7  Fifty model calls at once, on a budget for two')
  const before = stage.evidence.modelLog(orderId).length
  const refusals = await askAtOnce(stage, orderId)
  const log = stage.evidence.modelLog(orderId).slice(before)
  const usage = await stage.ledger.scopes.usage('user:ann')
  const calls = (await Promise.all(SHARES.map((_, share) => callsOf(stage, share)))).flat()
  say(`${refusals.length} are refused before a byte is sent, each with its reason:`)
  quote(refusals[0]?.message ?? '')
  say("What Ann has used, once the others are answered, and the model server's own log of them:")
  show(`${formatUsage(usage)}\n\n${log.map(billLine).join('\n')}`)

  const one = calls[0]?.cost?.spent ?? 0
  const reached = `of ${CALLS} calls at once from ${SHARES.length} processes exactly ${log.length} reached the model`
  const saved = `${refusals.length} × ${formatUsd(one)} = ${formatUsd(refusals.length * one)} saved`
  prove(`${reached}; ${saved}.`, {
    'exactly two reached the model': log.length === AFFORDABLE && calls.length === AFFORDABLE,
    'all others were refused': refusals.length === CALLS - AFFORDABLE,
    'each was told the scope, and what was held and spent of it': refusals.every((refusal) => tellsAll(refusal, calls)),
    'the ledger has what the model server bills': usage.spent === sumOf(log) && usage.held === 0,
    'a call costs what it says': one > 0 && log.every(({ billedNano }) => billedNano === one),
  })
}

/** Lets them all ask, and the model answer no one before all others are refused: else money would flow back in between. */
async function askAtOnce(stage: Stage, orderId: string): Promise<readonly Refused[]> {
  const refusals: Refused[] = []
  const { promise: allAsked, resolve } = Promise.withResolvers<void>()
  let open = CALLS
  const onOne = () => {
    open -= 1
    if (open === 0) resolve()
  }
  const letGo = await stage.model.service.keepAnswers(onOne)
  const processes = SHARES.map((count, share) =>
    new ShopProcess(stage.model.config, 'drafts', runOf(share), 'ann', orderId, String(count)).hear((refused) => {
      refusals.push(refused as Refused)
      onOne()
    }),
  )
  const pids = processes.map(({ pid }) => pid).join(', ')
  say(`Processes ${pids} want the best of ${CALLS} drafts of one letter. They work for Ann, who may spend one cent.`)
  const ended = Promise.all(processes.map((process) => process.answer()))
  await Promise.race([allAsked, ended])
  letGo()
  await ended
  return refusals
}

function runOf(share: number): string {
  return `drafts-${share + 1}`
}

function callsOf(stage: Stage, share: number): Promise<CallView[]> {
  return stage.ledger.calls.list({ runId: runOf(share) })
}

/** Nothing was spent when it was refused, and what stood in the way was what the calls that were sent had put aside. */
function tellsAll({ scope, spent, held, limit, requested, message }: Refused, calls: readonly CallView[]): boolean {
  const aside = calls.reduce((sum, { cost }) => sum + (cost?.held ?? 0), 0)
  const isTrue = scope === 'user:ann' && spent === 0 && held === aside && spent + held + requested > limit
  return isTrue && [scope, formatUsd(spent), formatUsd(held)].every((fact) => message.includes(fact))
}

function billLine({ client, billedNano }: JournalLine): string {
  return `${client}  ${formatUsd(Number(billedNano))}`
}

function sumOf(log: readonly JournalLine[]): number {
  return log.reduce((sum, { billedNano }) => sum + Number(billedNano), 0)
}
