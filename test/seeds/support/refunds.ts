import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ledger, type ToolPolicy, tool } from 'holdfast'

interface Refund {
  readonly order: number
  readonly cents: number
}

/** A tool that gives money back, and writes down outside that it did. */
export function refundTool(folder: string, policy: ToolPolicy<Refund, string> = {}) {
  return tool({
    name: 'refund',
    approval: true,
    ...policy,
    execute: ({ order, cents }: Refund): string => {
      appendFileSync(join(folder, 'log'), `refund ${cents} of order ${order}\n`)
      return `${cents} refunded`
    },
  })
}

/** What happened outside. */
export function refundsIn(folder: string): string[] {
  const path = join(folder, 'log')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

/**
 * Executions in a run's log that no standing yes stood before. A claim counts as one: what is claimed is executed unless
 * something dies.
 */
export async function unapproved(ledger: Ledger, runId: string): Promise<string[]> {
  const { entries } = await ledger.runs.export(runId)
  const approved = new Set<number>()
  const found: string[] = []
  for (const { kind, effect, number } of entries) {
    if (effect === null) continue
    if (kind === 'approval-approved') approved.add(effect)
    if (['approval-denied', 'approval-canceled', 'approval-expired'].includes(kind)) approved.delete(effect)
    if (kind === 'effect-claimed' && !approved.has(effect)) found.push(`${runId}: entry ${number}`)
  }
  return found
}

/** Runs an agent until it waits for a human; answers the key of what that one is asked about. */
export async function asked(ledger: Ledger, id: string, agent: () => Promise<unknown>): Promise<string> {
  await ledger.run({ id }, agent).then(
    () => Promise.reject(new Error(`Nobody was asked in ${id}.`)),
    (error: Error & { approval?: unknown }) => (error.approval === undefined ? Promise.reject(error) : undefined),
  )
  for await (const { key } of ledger.approvals.pending({ runId: id })) return key
  throw new Error(`${id} waits for nothing.`)
}

/** The keys of all open questions. */
export async function openQuestions(ledger: Ledger): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of ledger.approvals.pending()) keys.push(key)
  return keys
}
