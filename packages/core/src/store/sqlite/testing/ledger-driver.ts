import { sha256 } from '../../../util/hash.ts'
import type { ManualClock } from '../../../util/manual-clock.ts'
import type { Claimed, CommitEffect, EffectClaimed, EffectOutcome, Resolution } from '../../effect-verbs.ts'
import type { EffectRecord, RunRef } from '../../records.ts'
import type { OpenRun, RunOpened } from '../../run-verbs.ts'
import type { Store } from '../../store.ts'
import {
  type Action,
  type EffectState,
  type KeyName,
  LEASE_MS,
  type LedgerState,
  type OutcomeName,
  placeOf,
  RUN_NAMES,
  type RunName,
  type RunState,
  recent,
  resultOf,
  resultOfClaim,
} from './ledger-actions.ts'

interface RealHandle {
  readonly owner: number
  readonly run: RunName
  readonly ref: RunRef
}

interface RealClaim {
  readonly handle: RealHandle
  readonly place: string
  readonly claimed: Claimed
}

const ERROR = JSON.stringify({ name: 'Error', message: 'of the test', fields: {} })

/** Does with a real store, opened by several owners, what the model is told to do. */
export class LedgerDriver {
  readonly handles: RealHandle[] = []
  readonly claims: RealClaim[] = []
  readonly #stores: readonly Store[]
  readonly #clock: ManualClock
  readonly #prefix: string
  /** Where each effect is, for the entries that name it by its number. */
  readonly #effects = new Map<number, string>()
  #actions = 0

  /** `prefix` keeps this ledger's runs apart from those of others in the same file. */
  constructor(stores: readonly Store[], clock: ManualClock, prefix: string) {
    this.#stores = stores
    this.#clock = clock
    this.#prefix = prefix
  }

  async apply(action: Action): Promise<string> {
    this.#actions++
    switch (action.kind) {
      case 'open':
        return this.#open(action.owner, action.run, action.retry, undefined)
      case 'open-child': {
        const parent = this.#handle(action.parent)
        return this.#open(parent.owner, 'child', action.retry, parent)
      }
      case 'claim':
        return this.#claim(this.#handle(action.handle), action.key, action.attempts)
      case 'commit':
        return this.#commit(recent(this.claims, action.claim), action.outcome)
      case 'resolve':
        return this.#resolve(action)
      case 'close':
        return this.#close(this.#handle(action.handle), action.to)
      case 'halt': {
        const { owner, ref } = this.#handle(action.handle)
        return worded(await this.#store(owner).haltRun({ run: ref, error: ERROR, at: this.#clock.now() }))
      }
      case 'cancel': {
        const canceled = { id: this.#prefix + action.run, error: ERROR, at: this.#clock.now() }
        return (await this.#store(0).cancelRun(canceled)).kind
      }
      case 'renew':
        return this.#renew(action.owner)
      case 'check': {
        const { owner, ref } = this.#handle(action.handle)
        return worded(await this.#store(owner).checkRun(ref))
      }
      case 'advance':
        await this.#clock.advance(action.ms)
        return 'time passed'
    }
  }

  async state(): Promise<LedgerState> {
    const runs: Record<string, RunState> = {}
    for (const name of RUN_NAMES) {
      const run = await this.#store(0).readRun(this.#prefix + name)
      if (run === null) continue
      const entries = await this.#store(0).listEntries(run.id, 0, 1_000)
      const told = entries.map(({ kind, effect }) => (effect === null ? kind : `${kind} ${this.#effects.get(effect)}`))
      if (entries.some(({ number }, index) => number !== index + 1))
        throw new Error(`Run ${run.id}: entries with a gap`)
      const { status, epoch, attempt, dead } = run
      runs[name] = { status, epoch, attempt, dead, halted: run.halt !== null, entries: told }
    }
    return { runs, effects: await this.#effectStates() }
  }

  async #effectStates(): Promise<Record<string, EffectState[]>> {
    const found: Record<string, EffectState[]> = {}
    for (const { place, claimed } of this.claims) {
      if (place in found) continue
      const rows = await this.#store(0).readEffect(claimed.ownerSeq, claimed.key)
      found[place] = rows.map((row) => this.#visible(row))
    }
    return found
  }

  #visible({ generation, status, epoch, attempt, certainty, result, runId }: EffectRecord): EffectState {
    return { generation, status, epoch, attempt, certainty, result, run: runId.slice(this.#prefix.length) }
  }

  async #open(owner: number, run: RunName, retry: boolean, parent: RealHandle | undefined): Promise<string> {
    const request: OpenRun = {
      ...{ id: this.#prefix + run, name: null, thread: null, input: null, inputHash: null, tags: [] },
      ...{ leaseMs: LEASE_MS, shared: false, retry, at: this.#clock.now() },
      parent: parent === undefined ? null : { run: parent.ref, lane: '', effect: null },
    }
    const opened: RunOpened = await this.#store(owner).openRun(request)
    if (opened.kind !== 'opened') return worded(opened)
    this.handles.push({ owner, run, ref: opened.ref })
    return `opened: ${opened.how}`
  }

  async #claim(handle: RealHandle, key: KeyName, attempts: number): Promise<string> {
    const answer: EffectClaimed = await this.#store(handle.owner).claimEffect({
      run: handle.ref,
      owner: key === 'scope' ? { kind: 'scope', name: `thread:${this.#prefix}` } : { kind: 'run' },
      keys: [sha256(key)],
      ...{ tool: 'tool', args: '{}', argsHash: null, onOtherArgs: 'mark', callerKeyed: false, lane: '', callsSeen: 0 },
      ...{ parentEffect: null, leaseMs: LEASE_MS, attempts, willWait: false, at: this.#clock.now() },
    })
    return answer.kind === 'claimed' ? this.#claimed(handle, placeOf(handle.run, key), answer) : worded(answer)
  }

  #claimed(handle: RealHandle, place: string, claimed: Claimed): string {
    const { generation, attempt, epoch } = claimed
    this.claims.push({ handle, place, claimed })
    this.#effects.set(claimed.id, `${place} ${generation}`)
    return `claimed: ${generation}.${attempt}, epoch ${epoch}`
  }

  async #commit(claim: RealClaim, outcome: OutcomeName): Promise<string> {
    const { handle, claimed } = claim
    const { id, epoch } = claimed
    const request: CommitEffect = {
      ...{ run: handle.ref, id, epoch, userCommit: null, at: this.#clock.now() },
      outcome: this.#outcome(outcome, claim),
    }
    return (await this.#store(handle.owner).commitEffect(request)).kind
  }

  #outcome(name: OutcomeName, { place, claimed }: RealClaim): EffectOutcome {
    switch (name) {
      case 'succeeded':
        return { kind: name, result: resultOfClaim(place, claimed.generation, claimed.epoch), kept: true }
      case 'succeeded otherwise':
        return { kind: 'succeeded', result: this.#result(), kept: true }
      case 'unknown':
        return { kind: 'unknown', error: ERROR }
      case 'retry after assumed':
        return { kind: 'retry', error: ERROR, certainty: 'assumed' }
      case 'retry after doubt':
        return { kind: 'retry', error: ERROR, certainty: 'in_doubt' }
      default:
        return { kind: 'failed', error: ERROR, certainty: name }
    }
  }

  /** Another one for each action, so that it tells who wrote it. */
  #result(): string {
    return resultOf(this.#actions)
  }

  async #resolve(action: Extract<Action, { kind: 'resolve' }>): Promise<string> {
    const { place, claimed } = recent(this.claims, action.claim)
    const handle = this.#handle(action.handle)
    const rows = await this.#store(0).readEffect(claimed.ownerSeq, claimed.key)
    const row = rows.find(({ id }) => id === claimed.id) as EffectRecord
    const answer = await this.#store(handle.owner).resolveEffect({
      ...{ id: row.id, epoch: row.epoch - (action.stale ? 1 : 0), by: 'human', note: null, at: this.#clock.now() },
      resolution: this.#resolution(action.resolution, handle),
    })
    return answer.kind === 'claimed' ? this.#claimed(handle, place, answer) : worded(answer)
  }

  #resolution(kind: Resolution['kind'], handle: RealHandle): Resolution {
    if (kind === 'takeover') return { kind, run: handle.ref, leaseMs: LEASE_MS }
    return kind === 'applied' ? { kind, result: this.#result(), kept: true } : { kind }
  }

  async #close({ owner, ref }: RealHandle, to: 'closing' | 'released' | 'completed' | 'failed'): Promise<string> {
    const error = to === 'failed' ? ERROR : null
    const request = { run: ref, to, output: null, outputKept: true, error, at: this.#clock.now() }
    const answer = await this.#store(owner).closeRun(request)
    return answer.kind === 'closed' ? `closed: ${answer.status}` : worded(answer)
  }

  /** Asks about all that the owner ever held, also what it no longer does. */
  async #renew(owner: number): Promise<string> {
    const runs = indexed(this.handles).filter(([, handle]) => handle.owner === owner)
    const effects = indexed(this.claims).filter(([, { handle }]) => handle.owner === owner)
    const renewed = await this.#store(owner).renewLeases({
      runs: runs.map(([, { ref }]) => ({ seq: ref.seq, epoch: ref.epoch })),
      effects: effects.map(([, { claimed }]) => ({ id: claimed.id, epoch: claimed.epoch })),
    })
    const among = (list: readonly { seq: number; epoch: number }[]) =>
      runs.filter(([, { ref }]) => list.some(({ seq, epoch }) => seq === ref.seq && epoch === ref.epoch)).map(first)
    const over = effects.filter(([, { claimed }]) =>
      renewed.lostEffects.some(({ id, epoch }) => id === claimed.id && epoch === claimed.epoch),
    )
    return JSON.stringify({
      lost: among(renewed.lostRuns),
      halted: among(renewed.haltedRuns),
      effects: over.map(first),
    })
  }

  #handle(pick: number): RealHandle {
    return recent(this.handles, pick)
  }

  #store(owner: number): Store {
    return this.#stores[owner] as Store
  }
}

function worded(answer: { readonly kind: string; readonly reason?: string }): string {
  return answer.reason === undefined ? answer.kind : `${answer.kind}: ${answer.reason}`
}

function indexed<Item>(items: readonly Item[]): [number, Item][] {
  return [...items.entries()]
}

function first<Item>([item]: readonly [Item, ...unknown[]]): Item {
  return item
}
