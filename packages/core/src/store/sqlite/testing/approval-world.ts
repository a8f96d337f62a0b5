import type { ManualClock } from '../../../util/manual-clock.ts'
import type { ApprovalTerms } from '../../decision-verbs.ts'
import type { Claimed, EffectOutcome, Resolution } from '../../effect-verbs.ts'
import type { EffectRecord, RunRef } from '../../records.ts'
import type { Store } from '../../store.ts'
import { deciding } from './approval-fixture.ts'
import { ASSUMED, claiming, key, NOT_APPLIED, SUCCEEDED, UNKNOWN } from './fixture.ts'

/** One thing that somebody does to the one effect that there is. */
export type Move =
  | {
      readonly kind: 'claim'
      readonly asks: Asks
      readonly attempts: number
      readonly carries: boolean
      readonly byHand: boolean
    }
  | { readonly kind: 'take over'; readonly asks: Asks }
  | {
      readonly kind: 'decide'
      readonly decision: 'approve' | 'deny' | 'cancel'
      readonly overrule: boolean
      readonly edits: boolean
    }
  | { readonly kind: 'request' }
  | { readonly kind: 'commit'; readonly outcome: keyof typeof OUTCOMES; readonly grant: number }
  | { readonly kind: 'resolve'; readonly to: 'applied' | 'not_applied' }
  | { readonly kind: 'wait'; readonly ms: number }

/** `args`: one of two amounts. `expiresMs` 0: the question stays open. */
interface Asks {
  readonly owner: number
  readonly terms: boolean
  readonly args: number
  readonly expiresMs: number
  readonly mark: boolean
}

export const OUTCOMES = { succeeded: SUCCEEDED, failed: NOT_APPLIED, assumed: ASSUMED, unknown: UNKNOWN } as const
export const LEASE = 1_000
const EDITED = '"edited"'

/** What a human said yes to: of which arguments, and what to execute. */
interface Yes {
  readonly argsHash: Buffer
  readonly edited: boolean
}

/** Plays moves against real stores and remembers, by the answers alone, what a human agreed to. */
export class ApprovalWorld {
  readonly seen = new Set<string>()
  readonly #stores: readonly Store[]
  readonly #clock: ManualClock
  readonly #run: RunRef
  readonly #grants: Claimed[] = []
  readonly #yes = new Map<number, Yes>()

  constructor(stores: readonly Store[], clock: ManualClock, run: RunRef) {
    this.#stores = stores
    this.#clock = clock
    this.#run = run
  }

  async play(move: Move): Promise<void> {
    const newest = await this.#newest()
    const answer = await this.#apply(move, newest)
    if (answer !== undefined) this.seen.add(`${move.kind}: ${answer.kind}`)
    await this.#forgetCanceled(newest)
  }

  /** What was approved and not executed is over once its outcome is known. */
  async #forgetCanceled(effect: EffectRecord | undefined): Promise<void> {
    if (effect === undefined) return
    const [approval] = await this.#store({ owner: 0 }).listApprovals({ effect: effect.id })
    if (approval?.status === 'canceled') this.#yes.delete(effect.id)
  }

  async #apply(move: Move, newest: EffectRecord | undefined): Promise<{ readonly kind: string } | undefined> {
    if (move.kind === 'claim') return this.#claim(move, newest)
    if (move.kind === 'wait') return this.#wait(move.ms)
    if (newest === undefined) return undefined
    switch (move.kind) {
      case 'take over':
        return this.#takeOver(move.asks, newest)
      case 'decide':
        return this.#decide(move, newest)
      case 'request':
        return this.#request(newest)
      case 'commit':
        return this.#commit(OUTCOMES[move.outcome], move.grant)
      case 'resolve':
        return this.#resolve(newest, move.to)
    }
  }

  async #claim(move: Extract<Move, { kind: 'claim' }>, newest: EffectRecord | undefined): Promise<{ kind: string }> {
    const { asks, attempts, carries, byHand } = move
    const answer = await this.#store(asks).claimEffect({
      ...claiming(this.#run, { args: argsOf(asks), argsHash: hashOf(asks), leaseMs: LEASE, attempts, byHand }),
      onOtherArgs: asks.mark ? 'mark' : 'conflict',
      approval: this.#terms(asks),
      approvedAs: carries ? (newest?.id ?? null) : null,
      at: this.#clock.now(),
    })
    if (answer.kind !== 'claimed') return answer
    const before = answer.id === newest?.id ? undefined : newest
    if (carries && before !== undefined && this.#yes.has(before.id) && this.#isYesTo(before.id, asks))
      this.#yes.set(answer.id, this.#yes.get(before.id) as Yes)
    await this.#granted(answer, asks)
    return answer
  }

  async #takeOver(asks: Asks, { id, epoch }: EffectRecord): Promise<{ kind: string }> {
    const resolution: Resolution = { kind: 'takeover', run: this.#run, leaseMs: LEASE, approval: this.#terms(asks) }
    const at = this.#clock.now()
    const answer = await this.#store(asks).resolveEffect({ id, epoch, resolution, by: 'policy', note: null, at })
    if (answer.kind === 'claimed') await this.#granted(answer, asks)
    return answer
  }

  /** The promise: under terms nothing executes that no human agreed to, nor with other arguments. */
  async #granted(claimed: Claimed, asks: Asks): Promise<void> {
    this.#grants.push(claimed)
    const yes = this.#yes.get(claimed.id)
    const [approval] = await this.#store(asks).listApprovals({ effect: claimed.id })
    if (asks.terms && !this.#isYesTo(claimed.id, asks))
      throw new Error(`Executed without a yes: ${JSON.stringify(asks)}`)
    if (approval?.status === 'pending' || approval?.status === 'denied') throw new Error(`Executed: ${approval.status}`)
    if ((yes?.edited === true) !== (claimed.args === EDITED)) throw new Error(`Edited arguments: ${claimed.args}`)
    if (claimed.args !== null && approval?.effect.args !== EDITED) throw new Error('The row shows other arguments')
  }

  #isYesTo(effect: number, asks: Asks): boolean {
    return this.#yes.get(effect)?.argsHash.equals(hashOf(asks)) === true
  }

  async #decide(move: Extract<Move, { kind: 'decide' }>, { id }: EffectRecord): Promise<{ kind: string }> {
    const { decision, overrule, edits } = move
    const args = decision === 'approve' && edits ? EDITED : null
    const at = this.#clock.now()
    const answer = await this.#stores[0]?.decideApproval(deciding({ effect: { id } }, decision, { overrule, args, at }))
    if (answer?.kind !== 'decided') return answer as { kind: string }
    if (decision === 'approve') this.#yes.set(id, { argsHash: answer.approval.argsHash, edited: args !== null })
    else this.#yes.delete(id)
    return { kind: `${answer.kind} ${decision}` }
  }

  async #request({ id, argsHash }: EffectRecord): Promise<{ kind: string }> {
    const terms = { argsHash: argsHash ?? key(1), reason: null, from: 'ledger', expiresAt: null } as const
    const answer = await this.#store({ owner: 0 }).requestApproval({ effect: id, ...terms, at: this.#clock.now() })
    if (answer.kind === 'requested') this.#yes.delete(id)
    return answer
  }

  async #commit(outcome: EffectOutcome, number: number): Promise<{ kind: string } | undefined> {
    const grant = this.#grants.at(-1 - (number % Math.max(1, this.#grants.length)))
    if (grant === undefined) return undefined
    const { id, epoch } = grant
    const at = this.#clock.now()
    return this.#store({ owner: 0 }).commitEffect({ run: this.#run, id, epoch, outcome, userCommit: null, at })
  }

  async #resolve({ id, epoch }: EffectRecord, to: 'applied' | 'not_applied'): Promise<{ kind: string }> {
    const resolution: Resolution = to === 'applied' ? { kind: to, result: '1', kept: true } : { kind: to }
    const at = this.#clock.now()
    return this.#store({ owner: 0 }).resolveEffect({ id, epoch, resolution, by: 'human', note: null, at })
  }

  async #wait(ms: number): Promise<undefined> {
    await this.#clock.advance(ms)
    return undefined
  }

  async #newest(): Promise<EffectRecord | undefined> {
    return (await this.#store({ owner: 0 }).readEffect(this.#run.seq, key(1))).at(-1)
  }

  #terms(asks: Asks): ApprovalTerms | null {
    if (!asks.terms) return null
    const expiresAt = asks.expiresMs === 0 ? null : this.#clock.now() + asks.expiresMs
    return { argsHash: hashOf(asks), reason: null, from: 'ledger', expiresAt }
  }

  #store({ owner }: { readonly owner: number }): Store {
    return this.#stores[owner % this.#stores.length] as Store
  }
}

function argsOf({ args }: Asks): string {
  return `{"amount":${args}}`
}

function hashOf({ args }: Asks): Buffer {
  return key(100 + args)
}
