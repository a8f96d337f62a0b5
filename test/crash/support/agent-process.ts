// The process that is killed: one execution of one run. It tells on stdout what became of it, one JSON line each.
import { writeSync } from 'node:fs'
import { createLedger, EffectUnknownError, HoldfastError, sqlite } from 'holdfast'
import type { AgentOptions, AgentReport } from './agent-options.ts'
import { reach } from './crash-plan.ts'
import { orderAgent, stubbornAgent } from './order-agent.ts'
import { orderTools } from './order-tools.ts'
import { Outside } from './outside.ts'

const options = JSON.parse(process.argv[2] as string) as AgentOptions

async function execute(): Promise<AgentReport> {
  const { ledgerPath, caseId, policy, leaseMs, concurrency, retry, join } = options
  const ledger = createLedger({ store: sqlite(ledgerPath), leaseMs })
  const outside = new Outside(options)
  const tools = orderTools(outside, policy, leaseMs)
  try {
    const output = await ledger.run({ id: caseId, input: 'tea', retry, join }, (run): Promise<unknown> => {
      const parts = { ledger, run, tools, outside, concurrency, answers: [] }
      return options.agent === 'order' ? orderAgent(parts) : stubbornAgent(parts, (step, came) => tell({ step, came }))
    })
    reach('after-run')
    return { kind: 'completed', output }
  } catch (error) {
    return failed(error)
  } finally {
    await ledger.close()
  }
}

function failed(error: unknown): AgentReport {
  const code = HoldfastError.isInstance(error) ? error.code : String(error)
  const unknown = EffectUnknownError.find(error)
  if (unknown === undefined) return { kind: 'failed', code, key: null, idempotencyKey: null }
  return { kind: 'failed', code, key: unknown.key, idempotencyKey: unknown.idempotencyKey }
}

function tell(line: unknown): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

execute().then((report) => tell({ report }))
