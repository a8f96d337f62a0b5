import type { UndoStep } from '../store/decision-verbs.ts'
import type { EffectRecord } from '../store/records.ts'

/** Its body runs somewhere right now. */
export function isInFlight({ effect, lease }: UndoStep): boolean {
  return effect.status === 'processing' && lease?.expired === false
}

/** Whether it happened is not known for certain. */
export function isDoubtful({ effect }: UndoStep): boolean {
  return effect.status === 'unknown' || effect.status === 'processing' || effect.status === 'failed'
}

/**
 * What is undone together: one effect after the other, the last commit first; the members of a saga's parallel group at
 * once, when the last of them is due. What another's compensation covers is not undone by itself.
 */
export function batchesOf(steps: readonly UndoStep[]): readonly (readonly EffectRecord[])[] {
  const batches: EffectRecord[][] = []
  const groups = new Map<string, EffectRecord[]>()
  for (const step of steps) {
    if (isDoubtful(step) || step.coveredBy !== null) continue
    const { effect } = step
    const name = effect.group === null ? undefined : `${effect.runSeq}.${effect.group}`
    if (effect.parentEffect === null) closeOthers(groups, effect.runSeq, name)
    const group = name === undefined ? undefined : groups.get(name)
    if (group !== undefined) {
      group.push(effect)
      continue
    }
    const batch = [effect]
    batches.push(batch)
    if (name !== undefined) groups.set(name, batch)
  }
  return batches
}

/** A member that came to light late is undone by itself: it must not draw its group before what was done after that. */
function closeOthers(groups: Map<string, EffectRecord[]>, runSeq: number, name: string | undefined): void {
  for (const open of groups.keys()) if (open !== name && open.startsWith(`${runSeq}.`)) groups.delete(open)
}
