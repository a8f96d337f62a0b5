import type { UndoStep } from '../../decision-verbs.ts'
import type { RunRef } from '../../records.ts'
import type { Store } from '../../store.ts'
import { type Action, LEASE_MS, type RunName, recent } from './ledger-actions.ts'
import type { RealHandle } from './ledger-driver.ts'
import type { ModelTime } from './ledger-file.ts'
import type { LedgerRows } from './ledger-rows.ts'
import { undoOutcomeOf, worded } from './ledger-words.ts'

type UndoAction = Extract<Action, { kind: 'undo-next' | 'undo' | 'commit-undo' | 'finish' }>
type OpenUndo = Extract<Action, { kind: 'open-undo' }>

/** The right to compensate an effect. */
interface Undoing {
  readonly handle: RealHandle
  readonly id: number
  readonly epoch: number
}

/** Compensates in a real store what the model is told to compensate. */
export class DrivenCompensation {
  readonly #time: ModelTime
  readonly #prefix: string
  readonly #rows: LedgerRows
  readonly #handles: RealHandle[]
  readonly #undoings: Undoing[] = []

  constructor(time: ModelTime, prefix: string, rows: LedgerRows, handles: RealHandle[]) {
    this.#time = time
    this.#prefix = prefix
    this.#rows = rows
    this.#handles = handles
  }

  holderOf(undoing: number): RealHandle {
    return recent(this.#undoings, undoing).handle
  }

  heldBy(owner: number): readonly (readonly [number, { readonly id: number; readonly epoch: number }])[] {
    return [...this.#undoings.entries()].filter(([, { handle }]) => handle.owner === owner)
  }

  async open(owner: number, store: Store, { run, which }: OpenUndo, within: RunRef | null): Promise<string> {
    const id = this.#prefix + run
    const opened = await store.openCompensation({ id, which, within, leaseMs: LEASE_MS, at: this.#time.now() })
    if (opened.kind === 'compensating') this.#handles.push({ owner, run, ref: opened.ref, givenUp: new Set() })
    return opened.kind
  }

  async apply(store: Store, handle: RealHandle, action: UndoAction): Promise<string> {
    switch (action.kind) {
      case 'undo-next':
        return this.#next(store, handle)
      case 'undo': {
        const { id, epoch } = recent(this.#rows.all, action.effect)
        return this.#claim(store, handle, id, epoch - (action.stale ? 1 : 0))
      }
      case 'commit-undo':
        return this.#commit(store, action)
      case 'finish': {
        const { to, listed } = action
        const finished = await store.finishCompensation({ run: handle.ref, to, listed, at: this.#time.now() })
        return finished.kind === 'finished' ? `finished: ${finished.run.status}` : worded(finished)
      }
    }
  }

  async read(store: Store, run: RunName): Promise<string> {
    const record = await store.readRun(this.#prefix + run)
    return this.#shown(await store.readUndo(record?.seq ?? 0))
  }

  /** What is open may stand in any order. */
  #shown(steps: readonly UndoStep[]): string {
    const shown = steps.map(({ effect, lease, isLeftForever, coveredBy }) => {
      const label = this.#rows.labelOf(effect.id)
      const cover = coveredBy === null ? null : this.#rows.labelOf(coveredBy)
      return {
        isOpen: effect.commitSeq === null,
        step: [label, effect.status, lease && !lease.expired, isLeftForever, cover] as const,
      }
    })
    const open = shown.filter(({ isOpen }) => isOpen).toSorted((one, other) => (one.step[0] < other.step[0] ? -1 : 1))
    if (shown.findLastIndex(({ isOpen }) => isOpen) >= open.length) throw new Error('A doubt stands among the commits')
    return JSON.stringify([...open, ...shown.filter(({ isOpen }) => !isOpen)].map(({ step }) => step))
  }

  async #next(store: Store, handle: RealHandle): Promise<string> {
    const steps = await store.readUndo(handle.ref.seq)
    const read = this.#shown(steps)
    const isInFlight = ({ effect, lease, isLeftForever }: UndoStep) =>
      effect.status === 'processing' && lease?.expired === false && !isLeftForever
    if (steps.some(isInFlight)) return `${read} waits`
    const next = steps.find(
      ({ effect, coveredBy }) => effect.commitSeq !== null && coveredBy === null && !handle.givenUp.has(effect.id),
    )
    if (next === undefined) return `${read} over`
    return `${read} ${await this.#claim(store, handle, next.effect.id, next.effect.epoch)}`
  }

  async #claim(store: Store, handle: RealHandle, id: number, epoch: number): Promise<string> {
    const claim = { run: handle.ref, effect: { id, epoch }, leaseMs: LEASE_MS, at: this.#time.now() }
    const answer = await store.claimCompensation(claim)
    if (answer.kind !== 'claimed') return worded(answer)
    this.#undoings.push({ handle, id, epoch: answer.epoch })
    return `claimed: ${this.#rows.labelOf(id)}, attempt ${answer.attempt}, epoch ${answer.epoch}`
  }

  async #commit(store: Store, { undoing, outcome }: Extract<Action, { kind: 'commit-undo' }>): Promise<string> {
    const { id, epoch, handle } = recent(this.#undoings, undoing)
    const request = { id, epoch, outcome: undoOutcomeOf(outcome), at: this.#time.now() }
    const answer = await store.commitCompensation(request)
    if (answer.kind !== 'committed') return answer.kind
    if (outcome.startsWith('failed')) handle.givenUp.add(id)
    return `committed: ${answer.attempt}`
  }
}
