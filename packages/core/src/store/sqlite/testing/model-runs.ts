import type { Action, RunName } from './ledger-actions.ts'
import type { ModelApprovals } from './model-approvals.ts'
import type { ModelCompensation } from './model-compensation.ts'
import { isHeld, isOpen, labelOf, type ModelHandle, type ModelRun, type ModelWorld } from './model-world.ts'

type Close = Extract<Action, { kind: 'close' }>['to']

/** Runs as section 6 of the design and the verbs of runs tell of them. */
export class ModelRuns {
  readonly #world: ModelWorld
  readonly #approvals: ModelApprovals
  readonly #compensation: ModelCompensation

  constructor(world: ModelWorld, approvals: ModelApprovals, compensation: ModelCompensation) {
    this.#world = world
    this.#approvals = approvals
    this.#compensation = compensation
  }

  openChild(handle: ModelHandle, retry: boolean, inside: boolean): string {
    const name = handle.run === 'child' ? 'leaf' : 'child'
    return this.#world.mayStart(handle) ?? this.open(handle.owner, name, retry, handle, inside)
  }

  open(owner: number, name: RunName, retry: boolean, parent?: ModelHandle, inside = false): string {
    const run = this.#world.runs.get(name)
    const body = parent !== undefined && inside ? this.#world.bodyOf(parent, null) : null
    const place = { parent: parent?.run ?? null, parentEpoch: parent?.epoch ?? null, body }
    const lease = this.#world.lease(owner)
    if (run === undefined) {
      this.#create({ name, lease, root: parent === undefined ? name : this.#world.run(parent.run).root, ...place })
      return this.#opened(owner, name, parent, 'new')
    }
    if (isOpen(run) || run.status === 'waiting') {
      // A child that works for an execution of its parent which has been replaced can do nothing any more.
      const isOrphan = run.parent !== null && run.parent === place.parent && run.parentEpoch !== place.parentEpoch
      if (isOpen(run) && this.#world.isLive(run.lease) && !isOrphan) return 'running'
      Object.assign(run, { status: 'running', epoch: run.epoch + 1, lease, ...place })
      this.#world.tell(name, 'run-resumed')
      return this.#opened(owner, name, parent, 'resumed')
    }
    if (!retry || !MAY_RETRY.includes(run.status)) return 'ended'
    const wasUndone = run.status === 'compensated'
    const again = { epoch: run.epoch + 1, attempt: run.attempt + 1, halted: false }
    Object.assign(run, { status: 'running', lease, ...place, ...again })
    const number = this.#world.tell(name, 'run-retried')
    if (wasUndone) run.historyFrom = number
    return this.#opened(owner, name, parent, 'retried')
  }

  #create(run: Pick<ModelRun, 'name' | 'lease' | 'root' | 'parent' | 'parentEpoch' | 'body'>): void {
    const fresh = { status: 'running', epoch: 1, attempt: 1, halted: false, unsettled: false, historyFrom: 0 } as const
    this.#world.runs.set(run.name, { ...run, ...fresh, entries: [], lastAt: 0 })
    this.#world.tell(run.name, 'run-opened')
  }

  #opened(owner: number, run: RunName, parent: ModelHandle | undefined, how: string): string {
    const { epoch } = this.#world.run(run)
    const ancestors = parent === undefined ? [] : [...parent.ancestors, { run: parent.run, epoch: parent.epoch }]
    this.#world.handles.push({ owner, run, epoch, ancestors, givenUp: new Set() })
    return `opened: ${how}`
  }

  close(handle: ModelHandle, to: Close): string {
    const refused = this.#world.mayEnd(handle)
    if (refused !== null) return refused
    const run = this.#world.run(handle.run)
    switch (to) {
      case 'closing':
        if (run.status !== 'closing') this.#world.tell(run.name, 'run-closing')
        run.status = 'closing'
        return 'closed: closing'
      case 'released':
      case 'waiting':
        return this.#letGo(run, to)
      case 'compensating':
        return this.#compensation.begin(handle) ? 'closed: compensating' : this.#finish(run, 'failed')
      default:
        return this.#finish(run, to)
    }
  }

  #letGo(run: ModelRun, to: 'released' | 'waiting'): string {
    run.status = to === 'released' ? 'running' : to
    run.lease = null
    this.#world.tell(run.name, `run-${to}`)
    return `closed: ${run.status}`
  }

  #finish(run: ModelRun, to: 'completed' | 'failed'): string {
    this.#approvals.cancelUnder(run.name)
    this.#endWith(run, to)
    this.#world.tell(run.name, `run-closed ${to}`)
    return `closed: ${to}`
  }

  /** What is still being processed for a run that ends, by somebody who is gone, is unknown from then on, and looked after later. */
  #endWith(run: ModelRun, status: 'completed' | 'failed' | 'canceled'): void {
    const { unsettled } = this.#world.expireAmong(this.#effectsOf(run))
    Object.assign(run, { status, lease: null, unsettled: unsettled.size > 0 })
  }

  halt(handle: ModelHandle): string {
    const refused = this.#world.mayEnd(handle)
    if (refused !== null) return refused
    const run = this.#world.run(handle.run)
    if (!run.halted) this.#world.tell(run.name, 'run-halted')
    run.halted = true
    return 'halted'
  }

  cancel(name: RunName): string {
    const run = this.#world.runs.get(name)
    if (run === undefined) return 'missing'
    if (!isOpen(run) && run.status !== 'waiting') return 'ended'
    this.#approvals.cancelUnder(name)
    this.#endWith(run, 'canceled')
    run.epoch++
    this.#world.tell(name, 'run-canceled')
    return 'canceled'
  }

  /** Of all that the owner ever held: what is no longer its own, and what has been halted. */
  renew(owner: number): string {
    const world = this.#world
    world.beat(owner)
    const mine = [...world.handles.entries()].filter(([, handle]) => handle.owner === owner)
    const held = mine.filter(([, { run, epoch }]) => world.run(run).epoch === epoch && isKept(world.run(run)))
    const lost = mine.filter((one) => !held.includes(one)).map(([index, { run }]) => [index, world.run(run).status])
    const halted = held.filter(([, { run }]) => world.run(run).halted && world.run(run).status !== 'compensating')
    const owned = (claims: ModelWorld['claims'], status: 'processing' | 'compensating') =>
      [...claims.entries()]
        .filter(([, claim]) => claim.handle.owner === owner && !isHeld(claim, status))
        .map(([index]) => index)
    const effects = owned(world.claims, 'processing')
    const undoings = owned(world.undoings, 'compensating')
    return JSON.stringify({ lost, halted: halted.map(([index]) => index), effects, undoings })
  }

  /** What nobody acts for: what somebody had begun to end, then what may go on, each in the order of the runs. */
  sweep(): string {
    const runs = [...this.#world.runs.values()]
    const urgent = runs.filter((run) => this.#isLeftEnding(run)).flatMap((run) => this.#sweep(run, 'urgent'))
    const idle = runs.filter((run) => this.#isIdle(run)).flatMap((run) => this.#sweep(run, 'idle'))
    return JSON.stringify([...urgent, ...idle])
  }

  #isLeftEnding(run: ModelRun): boolean {
    if (run.status === 'compensating') return !this.#world.isLive(run.lease)
    return !isOpen(run) && run.status !== 'waiting' && run.unsettled
  }

  #isIdle(run: ModelRun): boolean {
    return run.status === 'waiting' || (isOpen(run) && !this.#world.isLive(run.lease))
  }

  #sweep(run: ModelRun, what: 'urgent' | 'idle'): unknown[] {
    const { expired, unsettled } = this.#world.expireAmong(this.#effectsOf(run))
    const pending = this.#approvals.expireUnder(run.name)
    const unknown = this.#effectsOf(run).filter(({ status }) => status === 'unknown')
    if (unsettled.size === 0) run.unsettled = false
    // Of one that has ended only what nobody knows can be seen to.
    if (what === 'urgent' && run.status !== 'compensating' && unknown.length === 0) return []
    return [[run.name, run.status, expired, unknown.map(labelOf), pending, run.lastAt]]
  }

  #effectsOf({ name }: ModelRun) {
    return this.#world.effects.filter(({ run }) => run === name)
  }
}

const MAY_RETRY: readonly ModelRun['status'][] = ['failed', 'canceled', 'compensated']

/** Nobody has ended it: whoever opened it last may still go on. */
function isKept(run: ModelRun): boolean {
  return isOpen(run) || run.status === 'waiting' || run.status === 'compensating'
}
