// The process that is killed: it executes a trip, recovers what another left of it, or decides its questions. It tells on
// stdout what became of it.
import { writeSync } from 'node:fs'
import { CompensationFailedError, createLedger, HoldfastError, type Ledger, type Recovery, sqlite } from 'holdfast'
import { reach } from './crash-plan.ts'
import { decidePending } from './decide-pending.ts'
import { Outside } from './outside.ts'
import { tripAgent } from './trip-agent.ts'
import type { ReportedRecovery, TripOptions, TripReport } from './trip-options.ts'
import { tripTools } from './trip-tools.ts'

const options = JSON.parse(process.argv[2] as string) as TripOptions

async function execute(): Promise<TripReport> {
  const { ledgerPath, policy, leaseMs, trip, resumes } = options
  const outside = new Outside(options)
  const tools = tripTools(trip, outside, policy, leaseMs)
  const agent = tripAgent(trip, tools)
  const ledger = createLedger({
    ...{ store: sqlite(ledgerPath), leaseMs, tools: tools.all },
    ...(resumes ? { agents: { trip: agent } } : {}),
  })
  try {
    return await act(ledger, agent, outside)
  } finally {
    await ledger.close()
  }
}

async function act(ledger: Ledger, agent: () => Promise<unknown>, outside: Outside): Promise<TripReport> {
  switch (options.role) {
    case 'agent':
      return runAgent(ledger, agent)
    case 'recover':
      return { kind: 'recovered', recovery: reported(await ledger.recover()) }
    case 'decide':
      await decidePending(ledger, options.trip, outside)
      return { kind: 'decided' }
  }
}

async function runAgent(ledger: Ledger, agent: () => Promise<unknown>): Promise<TripReport> {
  try {
    await ledger.run({ id: options.caseId, name: 'trip', input: 'a trip' }, agent)
    reach('after-run')
    return { kind: 'completed' }
  } catch (error) {
    reach('after-run')
    const left = CompensationFailedError.isInstance(error) ? error.left.map((effect) => effect.tool) : []
    return { kind: 'failed', code: codeOf(error), left }
  }
}

function reported({ expired, resolved, complete, ...recovery }: Recovery): ReportedRecovery {
  return {
    ...{ expired, resolved, complete, resumed: recovery.resumed.length },
    compensated: recovery.compensated.map(({ status }) => status),
    resumable: recovery.resumable.map(({ id }) => id),
    blocked: recovery.blocked.map(({ error }) => codeOf(error)),
  }
}

function codeOf(error: unknown): string {
  return HoldfastError.isInstance(error) ? error.code : String(error)
}

execute().then((report) => writeSync(1, `${JSON.stringify({ report })}\n`))
