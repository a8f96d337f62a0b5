import type { ExportedApproval, ExportedEffect, ExportedEntry, RunExport, StoredValue } from './run-export.ts'

type Around = { readonly before: ExportedEntry | undefined; readonly after: ExportedEntry | undefined }

/** What the log tells of undoing an effect. */
const UNDOES: ReadonlySet<string> = new Set([
  'compensation-claimed',
  'compensation-retried',
  'compensation-failed',
  'effect-compensated',
])

/** What the lines of a timeline need to look up in the export. */
export class RunFacts {
  readonly isOver: boolean
  readonly #effects: ReadonlyMap<number, ExportedEffect>
  readonly #approvals: ReadonlyMap<number, ExportedApproval>
  readonly #deeds = new Histories()
  readonly #undoing = new Histories()
  readonly #life: ExportedEntry[] = []
  readonly #lastRetry: number
  readonly #lastUndo: number
  readonly #depths = new Map<string, number>()

  constructor({ run, effects, approvals, entries }: RunExport) {
    this.isOver = run.dead || run.endedAt !== null
    this.#effects = new Map(effects.map((effect) => [effect.id, effect]))
    this.#approvals = new Map(approvals.map((approval) => [approval.effect, approval]))
    for (const entry of entries) this.#sort(entry)
    this.#lastRetry = this.#life.findLast(({ kind }) => kind === 'run-retried')?.number ?? 0
    this.#lastUndo = this.#life.findLast(isUndo)?.number ?? 0
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

  /** The question about the effect of the entry. */
  approvalOf(entry: ExportedEntry): ExportedApproval | undefined {
    return entry.effect === null ? undefined : this.#approvals.get(entry.effect)
  }

  /** The name of the tool that the entry is about; the effect's key if that is all that is left. */
  toolOf(entry: ExportedEntry): string {
    const known = entry.effect === null ? undefined : this.toolOfEffect(entry.effect)
    return known ?? String(detailOf(entry, 'tool') ?? entry.key)
  }

  toolOfEffect(effect: number): string | undefined {
    return this.#effects.get(effect)?.tool ?? this.#approvals.get(effect)?.tool
  }

  /** What the log tells of the same effect's execution right before and after this entry. */
  around(entry: ExportedEntry): Around {
    return this.#deeds.around(entry)
  }

  /** The same about undoing it. */
  aroundUndo(entry: ExportedEntry): Around {
    return this.#undoing.around(entry)
  }

  /** What the log tells of the run itself right before this entry. */
  lifeBefore(entry: ExportedEntry): ExportedEntry | undefined {
    return this.#life.findLast(({ number }) => number < entry.number)
  }

  /** Whether the run's row still tells of what the entry does: a retry begins anew. */
  isLastAttempt(entry: ExportedEntry): boolean {
    return entry.number > this.#lastRetry
  }

  /** Whether the run, or one above it, was compensated after the entry, or is at it. */
  isUndoneAfter(entry: ExportedEntry): boolean {
    return this.#lastUndo > entry.number
  }

  #sort(entry: ExportedEntry): void {
    const { kind } = entry
    if (UNDOES.has(kind)) this.#undoing.add(entry)
    // Calls made in a body name its effect too.
    else if (kind.startsWith('effect-') || kind === 'approval-requested') this.#deeds.add(entry)
    else if (kind.startsWith('run-')) this.#life.push(entry)
  }
}

/** Entries by the effect that they are about, in the order of the log. */
class Histories {
  readonly #entries = new Map<number, ExportedEntry[]>()

  add(entry: ExportedEntry): void {
    if (entry.effect === null) return
    const history = this.#entries.get(entry.effect)
    if (history) history.push(entry)
    else this.#entries.set(entry.effect, [entry])
  }

  around(entry: ExportedEntry): Around {
    const history = entry.effect === null ? [] : (this.#entries.get(entry.effect) ?? [])
    const index = history.indexOf(entry)
    return { before: history[index - 1], after: history[index + 1] }
  }
}

function isUndo(entry: ExportedEntry): boolean {
  if (entry.kind === 'run-compensating') return true
  // All that the stream of a child tells of it, whose parent is compensated.
  return entry.kind === 'run-closed' && String(detailOf(entry, 'status')).startsWith('compens')
}

/** A field of what an entry says, or undefined. */
export function detailOf({ detail }: ExportedEntry, name: string): StoredValue | undefined {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return undefined
  return (detail as { readonly [field: string]: StoredValue })[name]
}
