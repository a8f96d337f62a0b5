import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { EffectRecord } from '../store/records.ts'
import { parseEffectKey } from '../util/effect-key-text.ts'
import { type ApprovalView, approvalView } from './approval-view.ts'

/** The newest question about the effect of that key; undefined if nobody was ever asked. */
export async function getApproval(context: LedgerContext, key: string): Promise<ApprovalView | undefined> {
  const generations = await generationsOf(context, key)
  for (const { id } of generations.toReversed()) {
    const [approval] = await context.store.listApprovals({ effect: id })
    if (approval !== undefined) return approvalView(context, approval)
  }
  return undefined
}

/** The newest generation of the effect of that key. Throws `ConfigError` for a key that is not known. */
export async function effectToDecide(context: LedgerContext, key: string): Promise<EffectRecord> {
  const effect = (await generationsOf(context, key)).at(-1)
  if (effect !== undefined) return effect
  throw new ConfigError(
    `no effect has the key '${key}'; nothing was decided. Take the key from ledger.approvals.pending or from the error.`,
  )
}

/** All generations of the effect of that key, oldest first. */
export async function generationsOf({ store }: LedgerContext, key: string): Promise<readonly EffectRecord[]> {
  const parsed = parseEffectKey(key)
  return parsed === undefined ? [] : store.readEffect(parsed.ownerSeq, parsed.key)
}
