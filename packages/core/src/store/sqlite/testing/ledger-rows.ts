import type { TailCursor } from '../../read-verbs.ts'
import type { ApprovalRecord, EffectRecord, EntryRecord, RunRecord } from '../../records.ts'
import type { LedgerFile } from './ledger-file.ts'
import type { ApprovalState, EffectState, LedgerState, RunState } from './ledger-state.ts'
import { hashOf } from './ledger-words.ts'

/** What a real store shows of the runs of one ledger. */
export class LedgerRows {
  /** When the ledger began. */
  readonly start: number
  readonly #file: LedgerFile
  readonly #prefix: string
  /** Where each effect is, for the entries that name it by its number. */
  readonly #places = new Map<number, string>()
  readonly #entries = new Map<string, string[]>()
  readonly #tailed: string[] = []
  #cursor: TailCursor | null = null
  #effects: readonly EffectRecord[] = []

  constructor(file: LedgerFile, prefix: string, start: number) {
    this.#file = file
    this.#prefix = prefix
    this.start = start
  }

  /** Effects as they were when the state was read last, in the order in which they came to be. */
  get all(): readonly EffectRecord[] {
    return this.#effects
  }

  name(effect: number, place: string): void {
    this.#places.set(effect, place)
  }

  placeOf(effect: number): string {
    const place = this.#places.get(effect)
    if (place === undefined) throw new Error(`Nobody was told of effect ${effect}`)
    return place
  }

  labelOf(effect: number): string {
    return `${this.placeOf(effect)} ${this.byId(effect).generation}`
  }

  byId(id: number): EffectRecord {
    const effect = this.#effects.find((one) => one.id === id)
    if (effect === undefined) throw new Error(`Effect ${id} is not there`)
    return effect
  }

  newest(place: string): EffectRecord | undefined {
    return this.#effects.findLast(({ id }) => this.placeOf(id) === place)
  }

  async read(): Promise<LedgerState> {
    this.#effects = this.#file.effects()
    const approvals = this.#file.approvals(this.#effects)
    const runs: Record<string, RunState> = {}
    for (const run of await this.#file.runs(this.#prefix)) runs[this.#nameOf(run.id)] = this.#runState(run)
    const effects: Record<string, EffectState[]> = {}
    for (const row of this.#effects) {
      effects[this.placeOf(row.id)] ??= []
      effects[this.placeOf(row.id)]?.push(this.#visible(row, approvals.get(row.id)))
    }
    return { runs, effects }
  }

  /** Reads on in all streams, from where it stopped. */
  async tail(): Promise<void> {
    let before: TailCursor | null | undefined
    // A page may be empty and yet get on: what it looked into had been told already.
    while (this.#cursor !== before) {
      before = this.#cursor
      const { entries, cursor } = await this.#file.store(1).tail(before, 7)
      this.#cursor = cursor
      for (const { stream, number, kind } of entries) this.#tailed.push(`${stream} ${number} ${kind}`)
    }
  }

  /** Everything that `tail` has told, and everything that it should have. */
  async tailed(): Promise<{ readonly told: readonly string[]; readonly all: readonly string[] }> {
    await this.tail()
    const runs = await this.#file.runs(this.#prefix)
    const all = runs.flatMap((run) =>
      this.#file.entries(run, 0).map(({ stream, number, kind }) => `${stream} ${number} ${kind}`),
    )
    return { told: this.#tailed.filter((one) => one.startsWith(this.#prefix)).toSorted(), all: all.toSorted() }
  }

  #runState(run: RunRecord): RunState {
    const told = this.#entries.get(run.id) ?? []
    this.#entries.set(run.id, told)
    // What an entry says stays as it is: only new ones are read.
    for (const entry of this.#file.entries(run, told.length)) {
      if (entry.number !== told.length + 1) throw new Error(`Run ${run.id}: entries with a gap`)
      told.push(this.#told(entry))
    }
    const { status, epoch, attempt, dead, parentId } = run
    const parent = parentId === null ? null : this.#nameOf(parentId)
    return { status, epoch, attempt, halted: run.halt !== null, dead, parent, entries: [...told] }
  }

  #told({ kind, effect, body }: EntryRecord): string {
    if (kind === 'run-closed') return `${kind} ${JSON.parse(body ?? '{}').status}`
    return effect === null ? kind : `${kind} ${this.labelOf(effect)}`
  }

  #visible(effect: EffectRecord, approval: ApprovalRecord | undefined): EffectState {
    const { generation, status, epoch, attempt, certainty, args, result, commitSeq } = effect
    const { undo, undoAttempt, undoError, parentEffect } = effect
    return {
      ...{ generation, status, epoch, attempt, certainty, args, result, commitSeq, run: this.#nameOf(effect.runId) },
      ...{ undo, undoAttempt, undoError, outer: parentEffect === null ? null : this.labelOf(parentEffect) },
      approval: approval === undefined ? null : this.#approvalState(approval),
    }
  }

  #approvalState({ status, argsHash, original, expiresAt }: ApprovalRecord): ApprovalState {
    const args = argsHash.equals(hashOf(0)) ? 0 : 1
    return { status, args, original, expiresAt: expiresAt === null ? null : expiresAt - this.start }
  }

  #nameOf(id: string): string {
    return id.slice(this.#prefix.length)
  }
}
