import { sha256 } from '../../../util/hash.ts'
import type { ApprovalTerms } from '../../decision-verbs.ts'
import type { AwaitsDecision, Claimed } from '../../effect-verbs.ts'
import type { EffectRecord, RunRef } from '../../records.ts'
import type { OpenRun } from '../../run-verbs.ts'
import type { Store } from '../../store.ts'
import { DrivenCompensation } from './driven-compensation.ts'
import { renewed } from './driven-leases.ts'
import {
  type Action,
  argsOf,
  type ClaimAction,
  type DecideAction,
  EDITED,
  type EffectAction,
  LEASE_MS,
  ON_OTHER_ARGS,
  type OpenUndoAction,
  OWNERS,
  placeOf,
  type ResolveAction,
  type RunName,
  recent,
  UNDO_OF,
  type Variant,
} from './ledger-actions.ts'
import type { LedgerFile, ModelTime } from './ledger-file.ts'
import { LedgerRows } from './ledger-rows.ts'
import { ERROR, hashOf, outcomeOf, resolutionOf, settled, worded } from './ledger-words.ts'

/** Somebody who was given the right to act for a run, by a process that may be gone. */
export interface RealHandle {
  readonly owner: number
  readonly run: RunName
  readonly ref: RunRef
  readonly givenUp: Set<number>
}

interface RealClaim {
  readonly handle: RealHandle
  readonly place: string
  readonly claimed: Claimed
}

/** Does with a real store, opened by several owners, what the model is told to do. */
export class LedgerDriver {
  readonly rows: LedgerRows
  readonly #handles: RealHandle[] = []
  readonly #claims: RealClaim[] = []
  readonly #compensation: DrivenCompensation
  readonly #file: LedgerFile
  readonly #time: ModelTime
  readonly #prefix: string
  /** Who stands in each place by now. */
  readonly #living: number[] = Array.from({ length: OWNERS }, (_, place) => place)
  #owners = OWNERS
  #actions = 0

  /** `prefix` keeps this ledger's runs apart from those of others in the same file. */
  constructor(file: LedgerFile, time: ModelTime, prefix: string) {
    this.#file = file
    this.#time = time
    this.#prefix = prefix
    this.rows = new LedgerRows(file, prefix, time.now())
    this.#compensation = new DrivenCompensation(time, prefix, this.rows, this.#handles)
  }

  async apply(action: Action): Promise<string> {
    this.#actions++
    this.#time.pass(1)
    switch (action.kind) {
      case 'open':
        return this.#open(this.#owner(action.owner), action.run, action.retry, null)
      case 'open-child':
        return this.#openChild(this.#handle(action.parent), action.retry, action.inside)
      case 'close':
        return this.#close(this.#handle(action.handle), action.to)
      case 'halt': {
        const { owner, ref } = this.#handle(action.handle)
        return worded(await this.#store(owner).haltRun({ run: ref, error: ERROR, at: this.#time.now() }))
      }
      case 'cancel': {
        const canceled = { id: this.#prefix + action.run, error: ERROR, at: this.#time.now() }
        return (await this.#file.store(0).cancelRun(canceled)).kind
      }
      case 'renew':
        return this.#renew(this.#owner(action.owner))
      case 'check': {
        const { owner, ref } = this.#handle(action.handle)
        return worded(await this.#store(owner).checkRun(ref))
      }
      case 'sweep':
        return this.#sweep(this.#file.store(action.owner))
      case 'tail':
        await this.rows.tail()
        return 'told'
      case 'die':
        this.#file.kill(action.owner)
        this.#living[action.owner] = this.#owners++
        return 'died'
      case 'advance':
        this.#time.pass(action.ms)
        return 'time passed'
      default:
        return this.#applyToEffect(action)
    }
  }

  #applyToEffect(action: EffectAction): Promise<string> {
    switch (action.kind) {
      case 'claim':
        return this.#claim(this.#handle(action.handle), action)
      case 'commit':
        return this.#commit(recent(this.#claims, action.claim), action)
      case 'resolve':
        return this.#resolve(action)
      case 'request':
        return this.#request(action)
      case 'decide':
        return this.#decide(action)
      case 'open-undo':
        return this.#openUndo(action)
      case 'read-undo':
        return this.#compensation.read(this.#file.store(0), action.run)
      default: {
        const handle = 'handle' in action ? this.#handle(action.handle) : this.#compensation.holderOf(action.undoing)
        return this.#compensation.apply(this.#store(handle.owner), handle, action)
      }
    }
  }

  #openUndo(action: OpenUndoAction): Promise<string> {
    const within = action.within === null ? null : this.#handle(action.within).ref
    return this.#compensation.open(this.#owner(action.owner), this.#file.store(action.owner), action, within)
  }

  #openChild(parent: RealHandle, retry: boolean, inside: boolean): Promise<string> {
    const effect = inside ? this.#bodyOf(parent, null) : null
    const name = parent.run === 'child' ? 'leaf' : 'child'
    return this.#open(parent.owner, name, retry, { run: parent.ref, lane: '', effect })
  }

  async #open(owner: number, run: RunName, retry: boolean, parent: OpenRun['parent']): Promise<string> {
    const opened = await this.#store(owner).openRun({
      ...{ id: this.#prefix + run, name: null, thread: this.#prefix, input: null, inputHash: null, tags: [] },
      ...{ leaseMs: LEASE_MS, shared: false, retry, at: this.#time.now(), parent },
    })
    if (opened.kind !== 'opened') return worded(opened)
    this.#handles.push({ owner, run, ref: opened.ref, givenUp: new Set() })
    return `opened: ${opened.how}`
  }

  async #claim(handle: RealHandle, action: ClaimAction): Promise<string> {
    const { key, attempts, args, asksMs, carries, byHand, inside, endless } = action
    const place = placeOf(handle.run, key)
    const answer = await this.#store(handle.owner).claimEffect({
      run: handle.ref,
      owner: key === 'scope' ? { kind: 'scope', name: `thread:${this.#prefix}` } : { kind: 'run' },
      keys: [sha256(key)],
      ...{ tool: 'tool', args: argsOf(args), argsHash: hashOf(args), onOtherArgs: ON_OTHER_ARGS[key] },
      ...{ callerKeyed: false, lane: '', callsSeen: 0, attempts, willWait: false, byHand, undo: UNDO_OF[key] },
      parentEffect: inside ? this.#bodyOf(handle, place) : null,
      approval: this.#terms(args, asksMs),
      approvedAs: carries ? (this.rows.newest(place)?.id ?? null) : null,
      ...{ leaseMs: endless ? Number.POSITIVE_INFINITY : LEASE_MS, at: this.#time.now() },
    })
    if (answer.kind === 'claimed') return this.#claimed(handle, place, answer)
    if (answer.kind === 'awaiting_approval') this.#asked(place, answer)
    return answer.kind === 'settled' ? settled(answer) : worded(answer)
  }

  #claimed(handle: RealHandle, place: string, claimed: Claimed): string {
    const { id, generation, attempt, epoch, args } = claimed
    this.#claims.push({ handle, place, claimed })
    this.rows.name(id, place)
    return `claimed: ${generation}.${attempt}, epoch ${epoch}${args === null ? '' : `, edited: ${args}`}`
  }

  #asked(place: string, { approval }: AwaitsDecision): void {
    this.rows.name(approval.effect.id, place)
  }

  /** What the handle is in the body of: what it claimed last and still has in hand. */
  #bodyOf(handle: RealHandle, place: string | null): number | null {
    const held = this.#claims.findLast((claim) => {
      const { id, epoch } = claim.claimed
      const row = this.rows.byId(id)
      return claim.handle === handle && claim.place !== place && row.status === 'processing' && row.epoch === epoch
    })
    return held?.claimed.id ?? null
  }

  async #commit(claim: RealClaim, { outcome }: Extract<Action, { kind: 'commit' }>): Promise<string> {
    const { handle, place, claimed } = claim
    const { id, epoch } = claimed
    const committed = await this.#store(handle.owner).commitEffect({
      ...{ run: handle.ref, id, epoch, userCommit: null, at: this.#time.now() },
      outcome: outcomeOf(outcome, place, claimed, this.#actions),
    })
    return committed.kind
  }

  async #resolve(action: ResolveAction): Promise<string> {
    const { resolution, stale, by, args, asksMs } = action
    const { id, epoch } = this.#effect(action.effect)
    const handle = this.#handle(action.handle)
    const takeover = { run: handle.ref, leaseMs: LEASE_MS, approval: this.#terms(args, asksMs) }
    const answer = await this.#store(handle.owner).resolveEffect({
      ...{ id, epoch: epoch - (stale ? 1 : 0), by, note: null, at: this.#time.now() },
      resolution: resolutionOf(resolution, takeover, this.#actions),
    })
    return answer.kind === 'claimed' ? this.#claimed(handle, this.rows.placeOf(id), answer) : worded(answer)
  }

  async #request({ effect, args, asksMs }: Extract<Action, { kind: 'request' }>): Promise<string> {
    const terms = this.#terms(args, asksMs)
    if (terms === null) return 'nothing asked'
    const request = { effect: this.#effect(effect).id, ...terms, at: this.#time.now() }
    return (await this.#file.store(1).requestApproval(request)).kind
  }

  async #decide({ effect, decision, overrule, edits }: DecideAction): Promise<string> {
    const decided = await this.#file.store(2).decideApproval({
      ...{ effect: this.#effect(effect).id, decision, overrule, by: 'ann', reason: null, at: this.#time.now() },
      args: edits && decision === 'approve' ? EDITED : null,
    })
    return decided.kind === 'missing' ? decided.kind : `${decided.kind}: ${decided.approval.status}`
  }

  async #close({ owner, run, ref }: RealHandle, to: Extract<Action, { kind: 'close' }>['to']): Promise<string> {
    const error = to === 'failed' || to === 'compensating' ? ERROR : null
    const request = { run: ref, to, output: null, outputKept: true, error, at: this.#time.now() }
    const answer = await this.#store(owner).closeRun(request)
    if (answer.kind !== 'closed') return worded(answer)
    if (answer.status === 'compensating') this.#handles.push({ owner, run, ref: answer.ref, givenUp: new Set() })
    return `closed: ${answer.status}`
  }

  /** Asks about all that the owner ever held, also what it no longer does. */
  #renew(owner: number): Promise<string> {
    const runs = [...this.#handles.entries()].filter(([, handle]) => handle.owner === owner)
    const claims = [...this.#claims.entries()].filter(([, { handle }]) => handle.owner === owner)
    const effects = claims.map(([index, { claimed }]) => [index, claimed] as const)
    return renewed(this.#store(owner), { runs, effects, undoings: this.#compensation.heldBy(owner) })
  }

  /** Page by page, so that the pages are tried too. */
  async #sweep(store: Store): Promise<string> {
    const kinds = [await this.#sweepAll(store, 'urgent'), await this.#sweepAll(store, 'idle')]
    return JSON.stringify(kinds.flat())
  }

  async #sweepAll(store: Store, what: 'urgent' | 'idle'): Promise<readonly unknown[]> {
    const found: unknown[] = []
    let after: number | null = 0
    while (after !== null) {
      const { runs, next } = await store.sweepRuns({ what, after, limit: 2, at: this.#time.now() })
      for (const { run, expired, unknown, pending, lastAt } of runs) {
        const labels = unknown.map(({ id }) => this.rows.labelOf(id))
        const name = run.id.slice(this.#prefix.length)
        found.push([name, run.status, expired, labels, pending, lastAt - this.rows.start])
      }
      after = next
    }
    return found
  }

  #terms(args: Variant, asksMs: number | null): ApprovalTerms | null {
    if (asksMs === null) return null
    const expiresAt = asksMs === 0 ? null : this.#time.now() + asksMs
    return { argsHash: hashOf(args), reason: null, from: 'ledger', expiresAt }
  }

  #handle(pick: number): RealHandle {
    return recent(this.#handles, pick)
  }

  #effect(pick: number): EffectRecord {
    return recent(this.rows.all, pick)
  }

  #owner(place: number): number {
    return this.#living[place] as number
  }

  #store(owner: number): Store {
    return this.#file.store(this.#living.indexOf(owner))
  }
}
