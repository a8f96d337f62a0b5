import type { LedgerContext } from '../config/ledger-context.ts'
import { checkApprovalOptions } from '../effect/approval-options.ts'
import { demandedApproval } from '../effect/approval-question.ts'
import { NoRunError } from '../errors/no-run-error.ts'
import { validate } from '../tool/standard-schema.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { EffectContext } from '../tool/tool-definition.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'

/** A tool that is called outside any run: refused, or, where the ledger says so, run unprotected, which is told. */
export async function passWithoutRun(
  context: LedgerContext,
  tool: ToolSpec<unknown, unknown>,
  input: unknown,
  options?: PerformOptions,
): Promise<unknown> {
  // Without a run there is no transaction that `commit` could write in.
  if (context.onNoRun === 'throw' || tool.execute === undefined || tool.commit !== undefined)
    throw new NoRunError(`Tool '${tool.name}'`)
  if (options !== undefined) checkApprovalOptions(tool, options)
  const args = tool.inputSchema === undefined ? input : await validate(tool.inputSchema, input, tool.name)
  // Nor is there anything that could hold a question to a human.
  if ((await demandedApproval(context, { tool, args, options, isCovered: false })) !== null)
    throw new NoRunError(`Tool '${tool.name}', which needs an approval,`)
  context.events.emit('unprotected', { runId: '', what: `tool ${tool.name}, called outside any run` })
  return tool.execute(args, looseContext(context))
}

/** Each call is on its own: a fresh key, which dedupes nothing. */
function looseContext({ ids }: LedgerContext): EffectContext {
  const id = ids()
  const { signal } = new AbortController()
  return {
    runId: '',
    key: id,
    idempotencyKey: `hf_${id}`,
    attempt: 1,
    generation: 1,
    epoch: 1,
    signal,
    heartbeat: async () => true,
  }
}
