import type { Store } from '../../store.ts'
import type { RealHandle } from './ledger-driver.ts'

type Numbered<Item> = readonly (readonly [number: number, item: Item])[]
type Effects = Numbered<{ readonly id: number; readonly epoch: number }>

/** What an owner says that it holds, each with its number. */
interface Held {
  readonly runs: Numbered<RealHandle>
  readonly effects: Effects
  readonly undoings: Effects
}

/** Renews an owner's leases, and tells by number what it no longer has, and what of it was halted. */
export async function renewed(store: Store, { runs, effects, undoings }: Held): Promise<string> {
  const { lostRuns, haltedRuns, lostEffects } = await store.renewLeases({
    runs: runs.map(([, { ref }]) => ({ seq: ref.seq, epoch: ref.epoch })),
    effects: [...effects, ...undoings].map(([, { id, epoch }]) => ({ id, epoch })),
  })
  const lost = runs.flatMap(([index, { ref }]) => {
    const found = lostRuns.find(({ seq, epoch }) => seq === ref.seq && epoch === ref.epoch)
    return found === undefined ? [] : [[index, found.status]]
  })
  const halted = runs
    .filter(([, { ref }]) => haltedRuns.some(({ seq, epoch }) => seq === ref.seq && epoch === ref.epoch))
    .map(([index]) => index)
  const over = (held: Effects) =>
    held
      .filter(([, one]) => lostEffects.some(({ id, epoch }) => id === one.id && epoch === one.epoch))
      .map(([index]) => index)
  return JSON.stringify({ lost, halted, effects: over(effects), undoings: over(undoings) })
}
