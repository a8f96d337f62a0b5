import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { type CaseEnd, type CrashCase, withLedger } from './crash-case.ts'
import { problemsOf } from './invariants.ts'
import { readLedgerFile } from './ledger-file.ts'
import { ORDER_DEEDS } from './order-agent.ts'

/** Expects that a finished order left nothing wrong, and that asking for it again touches nothing (I7). */
export async function expectOrderDone({ service, caseId, policy }: CrashCase, end: CaseEnd): Promise<void> {
  const file = await readLedgerFile(end.ledgerPath)
  const lines = service.linesOf(caseId)
  const problems = problemsOf({ policy, file, lines, deeds: ORDER_DEEDS })
  if (!isDeepStrictEqual(outcomesIn(end.output), outcomesOnRecord(file.effects)))
    problems.push('the output is not what is on record')
  expect(problems, JSON.stringify(end.executions)).toEqual([])

  const again = await withLedger(end.ledgerPath, (ledger) =>
    ledger.run({ id: caseId, input: 'tea' }, () => {
      throw new Error('a completed run was executed again')
    }),
  )
  expect(again).toEqual(end.output)
  expect(service.linesOf(caseId)).toHaveLength(lines.length)
}

type Named = { readonly number: number }

function outcomesIn(output: unknown): unknown[] {
  const { charges, shipment, reserved, mailed } = output as { [name: string]: unknown } & { charges: Named[] }
  return [...charges, shipment, reserved, (mailed as { mail: unknown }).mail]
}

/** In the order of the output; the label's answer is not part of it. */
function outcomesOnRecord(
  effects: readonly { tool: string; status: string; args: unknown; result: unknown }[],
): unknown[] {
  return ['tea', 'cups', 'pot', 'order', 'table', 'thanks'].map(
    (what) =>
      effects.find(({ status, args }) => status === 'succeeded' && (args as { what: string }).what === what)?.result,
  )
}
