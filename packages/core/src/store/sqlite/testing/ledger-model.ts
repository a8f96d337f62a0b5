import {
  type Action,
  type EffectState,
  type KeyName,
  LEASE_MS,
  type LedgerState,
  type OutcomeName,
  OWNERS,
  placeOf,
  type RunName,
  recent,
  resultOf,
  resultOfClaim,
} from './ledger-actions.ts'

interface ModelRun {
  status: 'running' | 'closing' | 'completed' | 'failed' | 'canceled'
  epoch: number
  attempt: number
  halted: boolean
  lease: { readonly owner: number; readonly at: number } | null
  /** That of its first opening: commits are numbered there for good. */
  root: RunName
  /** Where it was opened last: alone, or in that execution of a parent. */
  parent: RunName | null
  parentEpoch: number | null
  readonly entries: string[]
}

interface ModelEffect {
  readonly generation: number
  status: 'processing' | 'succeeded' | 'failed' | 'unknown'
  epoch: number
  attempt: number
  certainty: 'not_applied' | 'in_doubt' | 'assumed' | null
  result: string | null
  run: RunName
  lease: { readonly owner: number; readonly at: number }
  /** The epoch whose outcome nobody knows: what its owner still has to say settles it. */
  doubted: number | null
}

/** The right to act for a run, as its owner remembers it. */
export interface ModelHandle {
  readonly owner: number
  readonly run: RunName
  readonly epoch: number
  readonly ancestors: readonly { readonly run: RunName; readonly epoch: number }[]
}

export interface ModelClaim {
  readonly handle: ModelHandle
  readonly place: string
  readonly effect: ModelEffect
  readonly epoch: number
}

/** The state machines of runs and effects as sections 4 to 6 of the design tell them. Written from the text alone. */
export class LedgerModel {
  readonly handles: ModelHandle[] = []
  readonly claims: ModelClaim[] = []
  readonly #runs = new Map<RunName, ModelRun>()
  readonly #effects = new Map<string, ModelEffect[]>()
  readonly #beats: number[] = Array.from({ length: OWNERS }, () => Number.NEGATIVE_INFINITY)
  #now = 0
  #actions = 0

  /** Does it, and says in a word or two what the ledger answers. */
  apply(action: Action): string {
    this.#actions++
    switch (action.kind) {
      case 'open':
        return this.#open(action.owner, action.run, action.retry, undefined)
      case 'open-child':
        return this.#openChild(action.parent, action.retry)
      case 'claim':
        return this.#claim(this.handle(action.handle), action.key, action.attempts)
      case 'commit':
        return this.#commit(this.claim(action.claim), action.outcome)
      case 'resolve':
        return this.#resolve(action)
      case 'close':
        return this.#close(this.handle(action.handle), action.to)
      case 'halt':
        return this.#halt(this.handle(action.handle))
      case 'cancel':
        return this.#cancel(action.run)
      case 'renew':
        return this.#renew(action.owner)
      case 'check':
        return this.#mayStart(this.handle(action.handle)) ?? 'open'
      case 'advance':
        this.#now += action.ms
        return 'time passed'
    }
  }

  handle(pick: number): ModelHandle {
    return recent(this.handles, pick)
  }

  claim(pick: number): ModelClaim {
    return recent(this.claims, pick)
  }

  /** A takeover is for a run whose keys the effect's is among. */
  mayTakeOver(claim: ModelClaim, handle: ModelHandle): boolean {
    return claim.place === 'scope' || claim.place.startsWith(`${handle.run}/`)
  }

  get state(): LedgerState {
    const runs = [...this.#runs].map(([name, { status, epoch, attempt, halted, lease, entries }]) => {
      const dead = (status === 'running' || status === 'closing') && !this.#isLive(lease)
      return [name, { status, epoch, attempt, halted, dead, entries: [...entries] }] as const
    })
    const effects = [...this.#effects].map(([place, rows]) => [place, rows.map(visible)] as const)
    return { runs: Object.fromEntries(runs), effects: Object.fromEntries(effects) }
  }

  #openChild(parent: number, retry: boolean): string {
    const handle = this.handle(parent)
    return this.#mayStart(handle) ?? this.#open(handle.owner, 'child', retry, handle)
  }

  #open(owner: number, name: RunName, retry: boolean, parent: ModelHandle | undefined): string {
    const run = this.#runs.get(name)
    const lease = { owner, at: this.#now }
    const place = { parent: parent?.run ?? null, parentEpoch: parent?.epoch ?? null }
    if (run === undefined) {
      const root = parent?.run ?? name
      const entries = ['run-opened']
      const fresh = {
        status: 'running',
        epoch: 1,
        attempt: 1,
        halted: false,
        lease,
        root,
        ...place,
        entries,
      } as const
      this.#runs.set(name, { ...fresh })
      return this.#opened(owner, name, parent, 'new')
    }
    if (isOpen(run)) {
      // A child that works for an execution of its parent which has been replaced can do nothing any more.
      const isOrphan = run.parent !== null && run.parent === place.parent && run.parentEpoch !== place.parentEpoch
      if (this.#isLive(run.lease) && !isOrphan) return 'running'
      Object.assign(run, { status: 'running', epoch: run.epoch + 1, lease, ...place })
      run.entries.push('run-resumed')
      return this.#opened(owner, name, parent, 'resumed')
    }
    if (!retry || run.status === 'completed') return 'ended'
    const again = { epoch: run.epoch + 1, attempt: run.attempt + 1, halted: false }
    Object.assign(run, { status: 'running', lease, ...place, ...again })
    run.entries.push('run-retried')
    return this.#opened(owner, name, parent, 'retried')
  }

  #opened(owner: number, run: RunName, parent: ModelHandle | undefined, how: string): string {
    const ancestors = parent === undefined ? [] : [{ run: parent.run, epoch: this.#run(parent.run).epoch }]
    this.handles.push({ owner, run, epoch: this.#run(run).epoch, ancestors })
    return `opened: ${how}`
  }

  #claim(handle: ModelHandle, key: KeyName, attempts: number): string {
    const refused = this.#mayStart(handle)
    if (refused !== null) return refused
    const place = placeOf(handle.run, key)
    const rows = this.#effects.get(place) ?? []
    this.#effects.set(place, rows)
    const newest = rows.at(-1)
    if (newest === undefined || newest.certainty === 'not_applied') return this.#claimNext(handle, place, rows)
    if (newest.status === 'processing' && this.#isLive(newest.lease)) return 'busy'
    if (newest.status === 'processing') this.#expire(newest, place)
    if (newest.status === 'unknown') return 'unknown'
    const mayRepeat = newest.status === 'failed' && newest.attempt < attempts
    return mayRepeat ? this.#startAgain(newest, handle, place, 'effect-claimed') : 'settled'
  }

  #claimNext(handle: ModelHandle, place: string, rows: ModelEffect[]): string {
    const lease = { owner: handle.owner, at: this.#now }
    const epoch = (rows.at(-1)?.epoch ?? 0) + 1
    const life = { status: 'processing', epoch, attempt: 1, certainty: null, result: null, doubted: null } as const
    const effect: ModelEffect = { generation: rows.length + 1, run: handle.run, lease, ...life }
    rows.push(effect)
    return this.#claimed(effect, handle, place, 'effect-claimed')
  }

  #startAgain(effect: ModelEffect, handle: ModelHandle, place: string, entry: string): string {
    const lease = { owner: handle.owner, at: this.#now }
    const next = { epoch: effect.epoch + 1, attempt: effect.attempt + 1, run: handle.run, lease }
    Object.assign(effect, { status: 'processing', certainty: null, doubted: null, ...next })
    return this.#claimed(effect, handle, place, entry)
  }

  #claimed(effect: ModelEffect, handle: ModelHandle, place: string, entry: string): string {
    this.claims.push({ handle, place, effect, epoch: effect.epoch })
    this.#tell(handle.run, entry, place, effect)
    return `claimed: ${effect.generation}.${effect.attempt}, epoch ${effect.epoch}`
  }

  #expire(effect: ModelEffect, place: string): void {
    const doubted = effect.epoch
    Object.assign(effect, { status: 'unknown', certainty: 'in_doubt', doubted, epoch: effect.epoch + 1 })
    this.#tell(effect.run, 'effect-unknown', place, effect)
  }

  #commit(claim: ModelClaim, outcome: OutcomeName): string {
    const { effect, epoch, handle, place } = claim
    const isFenced = this.#mayEnd(handle) !== null
    const isRetry = outcome.startsWith('retry')
    const isMine = effect.status === 'processing' && effect.epoch === epoch
    if (isRetry && !isFenced) {
      if (!isMine) return this.#keepLate(claim)
      effect.attempt++
      this.#tell(handle.run, 'effect-retried', place, effect)
      return 'committed'
    }
    const final = finalOf(outcome)
    const isSame = outcome === 'succeeded'
    const result = isSame ? resultOfClaim(place, effect.generation, epoch) : resultOf(this.#actions)
    if (isMine) {
      this.#settle(claim, final, result, `effect-${final === 'succeeded' || final === 'unknown' ? final : 'failed'}`)
      return isFenced ? 'evidence' : 'committed'
    }
    const isRepeated = effect.status === 'succeeded' && effect.epoch === epoch && effect.result === result
    if (isRepeated && final === 'succeeded') return 'committed'
    const isEvidence = effect.status === 'unknown' && effect.doubted === epoch && final !== 'unknown'
    if (!isEvidence) return this.#keepLate(claim)
    this.#settle(claim, final, result, 'effect-evidence')
    return 'evidence'
  }

  #settle({ effect, place }: ModelClaim, final: FinalName, result: string, entry: string): void {
    if (final === 'succeeded') this.#succeed(effect, place, result)
    else if (final === 'unknown')
      Object.assign(effect, { status: 'unknown', certainty: 'in_doubt', doubted: effect.epoch })
    else Object.assign(effect, { status: 'failed', certainty: final })
    this.#tell(effect.run, entry, place, effect)
  }

  /** The order of commits is that of the whole tree: a child's is told in its root's stream too. */
  #succeed(effect: ModelEffect, place: string, result: string): void {
    Object.assign(effect, { status: 'succeeded', certainty: null, result })
    const { root } = this.#run(effect.run)
    if (root !== effect.run) this.#tell(root, 'child-committed', place, effect)
  }

  #keepLate({ effect, place }: ModelClaim): string {
    this.#tell(effect.run, 'late-outcome', place, effect)
    return 'lost'
  }

  #resolve(action: Extract<Action, { kind: 'resolve' }>): string {
    const { effect, place } = this.claim(action.claim)
    const { resolution } = action
    const handle = this.handle(action.handle)
    const refused = resolution === 'takeover' ? this.#mayStart(handle) : null
    if (refused !== null) return refused
    const isLeftBehind = effect.status === 'processing' && !this.#isLive(effect.lease)
    if (isLeftBehind && !action.stale) this.#expire(effect, place)
    // An assumption may be corrected by whoever knows better.
    const isOpenQuestion = effect.status === 'unknown' || effect.certainty === 'assumed'
    if (!isOpenQuestion || action.stale) return 'lost'
    if (resolution === 'takeover') return this.#startAgain(effect, handle, place, 'effect-taken-over')
    if (resolution === 'applied') this.#succeed(effect, place, resultOf(this.#actions))
    if (resolution === 'not_applied') Object.assign(effect, { status: 'failed', certainty: 'not_applied' })
    this.#tell(effect.run, 'effect-resolved', place, effect)
    return 'resolved'
  }

  #close(handle: ModelHandle, to: 'closing' | 'released' | 'completed' | 'failed'): string {
    const refused = this.#mayEnd(handle)
    if (refused !== null) return refused
    const run = this.#run(handle.run)
    if (to === 'closing') {
      if (run.status !== 'closing') run.entries.push('run-closing')
      run.status = 'closing'
      return 'closed: closing'
    }
    run.lease = null
    if (to === 'released') {
      run.status = 'running'
      run.entries.push('run-released')
      return 'closed: running'
    }
    this.#expireLeftovers(handle.run)
    run.status = to
    run.entries.push('run-closed')
    return `closed: ${to}`
  }

  /** What is still being processed for a run that ends, by somebody who is gone, is unknown from then on. */
  #expireLeftovers(run: RunName): void {
    const inOrderOfFirstClaims = new Map(this.claims.map(({ effect, place }) => [effect, place]))
    for (const [effect, place] of inOrderOfFirstClaims)
      if (effect.status === 'processing' && effect.run === run && !this.#isLive(effect.lease))
        this.#expire(effect, place)
  }

  #halt(handle: ModelHandle): string {
    const refused = this.#mayEnd(handle)
    if (refused !== null) return refused
    const run = this.#run(handle.run)
    if (!run.halted) run.entries.push('run-halted')
    run.halted = true
    return 'halted'
  }

  #cancel(name: RunName): string {
    const run = this.#runs.get(name)
    if (run === undefined) return 'missing'
    if (!isOpen(run)) return 'ended'
    this.#expireLeftovers(name)
    Object.assign(run, { status: 'canceled', epoch: run.epoch + 1, lease: null })
    run.entries.push('run-canceled')
    return 'canceled'
  }

  #renew(owner: number): string {
    this.#beats[owner] = this.#now
    const mine = [...this.handles.entries()].filter(([, handle]) => handle.owner === owner)
    const held = mine.filter(([, { run, epoch }]) => this.#run(run).epoch === epoch && isOpen(this.#run(run)))
    const lost = mine.filter((one) => !held.includes(one)).map(([index]) => index)
    const halted = held.filter(([, { run }]) => this.#run(run).halted).map(([index]) => index)
    const claims = [...this.claims.entries()].filter(([, { handle }]) => handle.owner === owner)
    const over = claims.filter(([, { effect, epoch }]) => effect.epoch !== epoch || effect.status !== 'processing')
    return JSON.stringify({ lost, halted, effects: over.map(([index]) => index) })
  }

  #mayStart(handle: ModelHandle): string | null {
    for (const { run: name, epoch } of [handle, ...handle.ancestors]) {
      const run = this.#run(name)
      if (run.epoch !== epoch) return 'refused: fenced'
      if (run.status !== 'running') return 'refused: closed'
      if (run.halted) return 'refused: halted'
    }
    return null
  }

  #mayEnd(handle: ModelHandle): string | null {
    const run = this.#run(handle.run)
    if (run.epoch !== handle.epoch) return 'refused: fenced'
    if (!isOpen(run)) return 'refused: closed'
    const isCurrent = handle.ancestors.every(({ run: name, epoch }) => this.#run(name).epoch === epoch)
    return isCurrent ? null : 'refused: fenced'
  }

  #isLive(lease: { readonly owner: number; readonly at: number } | null): boolean {
    if (lease === null) return false
    return this.#now <= Math.max(this.#beats[lease.owner] as number, lease.at) + LEASE_MS
  }

  #run(name: RunName): ModelRun {
    return this.#runs.get(name) as ModelRun
  }

  #tell(run: RunName, entry: string, place: string, { generation }: ModelEffect): void {
    this.#run(run).entries.push(`${entry} ${place} ${generation}`)
  }
}

type FinalName = 'succeeded' | 'not_applied' | 'assumed' | 'unknown'

/** What is left to say of an attempt that wanted another one and may not have it. */
function finalOf(outcome: OutcomeName): FinalName {
  if (outcome === 'retry after assumed') return 'assumed'
  if (outcome === 'succeeded otherwise') return 'succeeded'
  return outcome === 'retry after doubt' ? 'unknown' : outcome
}

function isOpen({ status }: ModelRun): boolean {
  return status === 'running' || status === 'closing'
}

function visible({ generation, status, epoch, attempt, certainty, result, run }: ModelEffect): EffectState {
  return { generation, status, epoch, attempt, certainty, result, run }
}
