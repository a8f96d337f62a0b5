import type { CallContext, EffectContext, Reconciliation } from 'holdfast'
import { isDue, reach } from './crash-plan.ts'
import type { Known, ServiceRequest } from './outside-log.ts'

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

  /** Does something that cannot be taken back, under the effect's downstream key. */
  async act(tool: string, args: unknown, context: EffectContext): Promise<unknown> {
    const { key, generation, epoch, idempotencyKey } = context
    const kill: ServiceRequest['kill'] = isDue('request-left')
      ? 'on-arrival'
      : isDue('service-acted')
        ? 'after-acting'
        : null
    const request = { tool, args, key: idempotencyKey, effect: { key, generation, epoch }, call: null, kill }
    const answer = await this.#post('/act', request)
    reach('in-body')
    return answer
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
