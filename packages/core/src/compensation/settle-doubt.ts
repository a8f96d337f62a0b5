import { type Asked, reconcile } from '../effect/unknown.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { Lane } from '../lane/lane.ts'
import { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { EffectRecord } from '../store/records.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { executedArgs } from './executed-args.ts'

type Spec = ToolSpec<unknown, unknown>

/** Nothing but rows in the commit's own transaction: they are not there, so it did not happen. */
const NEVER_HAPPENED: Asked = { resolution: { kind: 'not_applied' }, userCommit: null, cause: undefined }

/** Whether anybody but a human can say what became of this effect. */
export function canBeAsked(tool: Spec): boolean {
  return tool.execute === undefined || typeof tool.onUnknown === 'function'
}

/**
 * Asks the tool's reconcile hook what became of an effect and records the answer. `unknown`: the hook cannot say either;
 * `settled`: somebody knows by now, here or elsewhere.
 */
export async function settleDoubt(run: RunScope, tool: Spec, effect: EffectRecord): Promise<'settled' | 'unknown'> {
  const { store, clock } = run.context
  const known = await ask(run, tool, effect)
  const { resolution, userCommit } = known
  const { id, epoch } = effect
  const by = tool.execute === undefined ? 'policy' : 'reconcile'
  try {
    await store.resolveEffect({ id, epoch, resolution, by, note: null, userCommit, at: clock.now() })
    return resolution.kind === 'unknown' ? 'unknown' : 'settled'
  } catch (error) {
    // The tool's own rows were refused, so the effect cannot be settled with them.
    if (userCommit === null || HoldfastError.isInstance(error)) throw error
    return 'unknown'
  }
}

async function ask(run: RunScope, tool: Spec, effect: EffectRecord): Promise<Asked> {
  if (tool.execute === undefined) return NEVER_HAPPENED
  const args = await executedArgs(run, tool, effect).catch(unfit)
  if (InvalidArgumentsError.isInstance(args)) return { resolution: { kind: 'unknown' }, userCommit: null, cause: args }
  const call = { run, lane: new Lane(''), tool, args }
  const { id, ownerSeq, key, epoch, generation, attempt, firstAt } = effect
  return reconcile(call, new LiveBody('', null), { id, ownerSeq, key, epoch, generation, attempt, firstAt, args: null })
}

/** The schema that edited arguments fitted is another one by now: nobody can ask with them. */
function unfit(error: unknown): InvalidArgumentsError {
  if (InvalidArgumentsError.isInstance(error)) return error
  throw error
}
