import type { ExportedEffect, ExportedEntry, RunExport, StoredValue } from './run-export.ts'

/** What the lines of a timeline need to look up in the export. */
export class RunFacts {
  readonly isOver: boolean
  readonly #effects: ReadonlyMap<number, ExportedEffect>
  readonly #histories = new Map<number, ExportedEntry[]>()
  readonly #depths = new Map<string, number>()

  constructor({ run, effects, entries }: RunExport) {
    this.isOver = run.dead || run.endedAt !== null
    this.#effects = new Map(effects.map((effect) => [effect.id, effect]))
    for (const entry of entries) {
      // Calls made in a body name its effect too.
      if (entry.effect === null || !entry.kind.startsWith('effect-')) continue
      const history = this.#histories.get(entry.effect)
      if (history) history.push(entry)
      else this.#histories.set(entry.effect, [entry])
    }
    // A body's own effects are younger than it, so its depth is known before theirs is asked for.
    for (const { lane, bodyLane } of effects) this.#depths.set(bodyLane, this.depthOf(lane) + 1)
  }

  /** How many bodies the lane is within. */
  depthOf(lane: string): number {
    return this.#depths.get(lane) ?? 0
  }

  /** Undefined if another run has executed it since. */
  effectOf(entry: ExportedEntry): ExportedEffect | undefined {
    return entry.effect === null ? undefined : this.#effects.get(entry.effect)
  }

  /** What the log tells of the same effect right before and after this entry. */
  around(entry: ExportedEntry): { before: ExportedEntry | undefined; after: ExportedEntry | undefined } {
    const history = entry.effect === null ? [] : (this.#histories.get(entry.effect) ?? [])
    const index = history.indexOf(entry)
    return { before: history[index - 1], after: history[index + 1] }
  }
}

/** A field of what an entry says, or undefined. */
export function detailOf({ detail }: ExportedEntry, name: string): StoredValue | undefined {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return undefined
  return (detail as { readonly [field: string]: StoredValue })[name]
}
