import type { EffectRecord } from '../store/records.ts'

/** A write that succeeded and has no compensation of its own. */
export function isIrreversible({ status, undo }: EffectRecord): boolean {
  return status === 'succeeded' && undo === 'none'
}

/** Whether its compensation was ever claimed, or another one's has undone it. */
export function wasToBeUndone({ undoAttempt, undoneAt }: EffectRecord): boolean {
  return undoAttempt > 0 || undoneAt !== null
}
