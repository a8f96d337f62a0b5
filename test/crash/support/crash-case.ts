import { join } from 'node:path'
import { createLedger, type EffectView, type Ledger, sqlite } from 'holdfast'
import { AGENT, AgentChild, type Execution } from './agent-child.ts'
import type { AgentOptions } from './agent-options.ts'
import type { Policy } from './order-tools.ts'
import type { ServiceProcess } from './service-process.ts'

/** A run of the order agent that is killed, once or several times in a row. */
export interface CrashCase {
  readonly service: ServiceProcess
  readonly directory: string
  /** Also the run's id: equal ids would make equal downstream keys. */
  readonly caseId: string
  readonly policy: Policy
  /** For each execution in turn, where it is killed: `point:occurrence`. */
  readonly crashes: readonly string[]
  readonly concurrency: number
}

export interface CaseEnd {
  readonly executions: readonly Execution[]
  readonly ledgerPath: string
  readonly output: unknown
  /** Effects that a human had to decide about. */
  readonly decisions: readonly EffectView[]
}

/** More executions than any case needs: a case that goes on for ever is an error. */
const MOST_EXECUTIONS = 12

/** Runs the agent, kills it as planned, resumes it in fresh processes, and decides as a human would, until it completes. */
export async function runToTheEnd(crashCase: CrashCase): Promise<CaseEnd> {
  const ledgerPath = join(crashCase.directory, `${crashCase.caseId}.db`)
  const executions: Execution[] = []
  const decisions: EffectView[] = []
  while (executions.length < MOST_EXECUTIONS) {
    const hasFailed = executions.some(({ report }) => report?.kind === 'failed')
    const crashAt = crashCase.crashes[executions.length]
    const execution = await execute(crashCase, ledgerPath, hasFailed, crashAt)
    executions.push(execution)
    if (execution.report?.kind === 'completed') {
      return { executions, ledgerPath, output: execution.report.output, decisions }
    }
    if (!execution.killed) decisions.push(...(await decideByHand(crashCase.service, crashCase.caseId, ledgerPath)))
  }
  throw new Error(`it did not end: ${JSON.stringify(executions, undefined, 2)}`)
}

function execute(
  { service, caseId, policy, concurrency }: CrashCase,
  ledgerPath: string,
  retry: boolean,
  crashAt: string | undefined,
): Promise<Execution> {
  const options: AgentOptions = {
    ...{ agent: 'order', url: service.url, caseId, ledgerPath },
    ...{ policy, leaseMs: 60_000, concurrency, retry, join: false },
  }
  return new AgentChild(AGENT, options, crashAt).ended
}

/** Looks up at the service what really happened, and says so. */
export function decideByHand(service: ServiceProcess, caseId: string, ledgerPath: string): Promise<EffectView[]> {
  return withLedger(ledgerPath, async (ledger) => {
    const unknown = await ledger.effects.list({ status: 'unknown' })
    const lines = service.linesOf(caseId)
    for (const { key, idempotencyKey } of unknown) {
      const act = lines.find((line) => line.kind === 'act' && line.key === idempotencyKey && !line.declined)
      const by = 'a human'
      await (act === undefined
        ? ledger.effects.resolve(key, { outcome: 'not_applied', by })
        : ledger.effects.resolve(key, { outcome: 'applied', result: act.result, by }))
    }
    return unknown
  })
}

/** Opens the ledger of a case in this process, for one look. */
export async function withLedger<T>(ledgerPath: string, look: (ledger: Ledger) => Promise<T>): Promise<T> {
  await using ledger = createLedger({ store: sqlite(ledgerPath) })
  return await look(ledger)
}
