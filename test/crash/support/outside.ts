import type { CallContext, EffectContext, Reconciliation } from 'holdfast'
import { isDue, reach } from './crash-plan.ts'
import type { Known, ServiceRequest, Whim } from './outside-log.ts'

/** Who asks: the case, so that one service serves many, and the ledger in which the service looks. */
export interface OutsideOptions {
  readonly url: string
  readonly caseId: string
  readonly ledgerPath: string
}

/** The agent's way to the service. */
export class Outside {
  readonly #options: OutsideOptions

  constructor(options: OutsideOptions) {
    this.#options = options
  }

  /** Does something for good, under the effect's downstream key. */
  act(tool: string, args: unknown, context: EffectContext, whim?: Whim): Promise<unknown> {
    return this.#act({ tool, args, whim }, context, { left: 'request-left', acted: 'service-acted', back: 'in-body' })
  }

  /** Undoes what an earlier request did, under the compensation's downstream key. */
  undo(args: unknown, context: EffectContext, whim?: Whim): Promise<unknown> {
    const points = { left: 'undo-left', acted: 'service-undid', back: 'in-undo' }
    return this.#act({ tool: 'undo', args, whim }, context, points)
  }

  /** Tells the service what somebody is about to decide, so that its log says what came before what. */
  async decide(args: unknown, effect: Pick<EffectContext, 'key' | 'generation'>): Promise<void> {
    const { key, generation } = effect
    const about = { tool: 'decide', args, key: null, call: null, kill: null } as const
    await this.#post('/decide', { ...about, effect: { key, generation, epoch: 0 } })
  }

  /** Asks what became of a downstream key. */
  async reconcile(context: EffectContext): Promise<Reconciliation<unknown>> {
    const known = (await this.#send('/look', { key: context.idempotencyKey })) as Known
    if (!known.acted || known.declined) return { kind: 'not_applied' }
    return { kind: 'applied', result: known.result }
  }

  read(tool: string, args: unknown): Promise<unknown> {
    return this.#post('/read', { tool, args, key: null, effect: null, call: null, kill: null })
  }

  async call(runId: string, args: unknown, { ordinal }: CallContext): Promise<unknown> {
    const answer = await this.#post('/call', {
      tool: 'model',
      args,
      key: null,
      effect: null,
      call: { runId, ordinal },
      kill: null,
    })
    reach('in-call')
    return answer
  }

  async #act(
    { tool, args, whim }: { tool: string; args: unknown; whim: Whim | undefined },
    { key, generation, epoch, idempotencyKey }: EffectContext,
    points: { readonly left: string; readonly acted: string; readonly back: string },
  ): Promise<unknown> {
    const kill = isDue(points.left) ? 'on-arrival' : isDue(points.acted) ? 'after-acting' : null
    const effect = { key, generation, epoch }
    const request = { tool, args, key: idempotencyKey, effect, call: null, kill, ...(whim && { whim }) } as const
    const answer = await this.#post('/act', request)
    reach(points.back)
    return answer
  }

  #post(path: string, request: Omit<ServiceRequest, 'caseId' | 'pid' | 'ledgerPath'>): Promise<unknown> {
    const { caseId, ledgerPath } = this.#options
    return this.#send(path, { ...request, caseId, pid: process.pid, ledgerPath })
  }

  async #send(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.#options.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
    const answer: unknown = await response.json()
    if (response.ok) return answer
    throw Object.assign(new Error(`the service answered ${response.status}`), { status: response.status })
  }
}
