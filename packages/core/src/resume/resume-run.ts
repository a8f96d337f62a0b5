import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { runAgent } from '../run/run-agent.ts'
import type { RunRecord } from '../store/records.ts'

/**
 * Goes on with a run by the agent that is registered under its name: what it recorded is served, and then it is live.
 * Throws `ConfigError` if there is no such run or agent, and what the run itself fails with.
 */
export async function resumeRun(context: LedgerContext, id: string): Promise<unknown> {
  const run = await context.store.readRun(id)
  if (run === null) throw new ConfigError(`no run has the id '${id}'; nothing was resumed.`)
  if (run.parentSeq !== null)
    throw new ConfigError(
      `run '${id}' is a child of '${run.parentId}', which goes on with it by itself. Nothing was resumed; resume that one.`,
    )
  if (!hasAgent(context, run)) throw noAgent(context, run)
  const agent = context.agents.get(run.name ?? '')
  // No input: whatever it was opened with is on record, and the agent finds it there.
  return runAgent(context, { id, parent: null }, (current) => agent?.(current))
}

export function hasAgent({ agents }: LedgerContext, { name }: RunRecord): boolean {
  return name !== null && agents.has(name)
}

function noAgent({ agents }: LedgerContext, { id, name }: RunRecord): ConfigError {
  const known = [...agents.keys()].map((one) => `'${one}'`).join(', ')
  const has = known === '' ? 'none is registered' : `there are ${known}`
  if (name === null)
    return new ConfigError(
      `run '${id}' has no name, so no registered agent is meant for it. Nothing was resumed; open it with ledger.run.`,
    )
  return new ConfigError(
    `no agent is registered as '${name}', the name of run '${id}' (${has}). Nothing was resumed. Register it: createLedger({ agents: { '${name}': … } }).`,
  )
}
