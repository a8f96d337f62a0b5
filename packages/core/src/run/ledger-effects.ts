import type { EffectView } from '../audit/effect-view.ts'
import type { EffectListQuery, EffectSearch } from '../audit/list-effects.ts'
import type { EffectDecision, EffectResult } from '../effect/by-hand.ts'

/** The effects of a ledger. */
export interface LedgerEffects {
  /** The newest generation of an effect, by its key. */
  get(key: string): Promise<EffectView | undefined>
  /** All generations, oldest first. */
  history(key: string): Promise<EffectView[]>
  find(search: EffectSearch): Promise<EffectView[]>
  list(query?: EffectListQuery): Promise<EffectView[]>
  /** Says what really happened to an effect whose outcome nobody knew. */
  resolve(key: string, decision: EffectDecision): Promise<void>
  /** Records the outcome of an effect that another process began; `lost` unless the epoch is still the effect's. */
  commit(
    key: string,
    epoch: number,
    result: EffectResult,
  ): Promise<{ readonly kind: 'committed' | 'evidence' | 'lost' }>
}
