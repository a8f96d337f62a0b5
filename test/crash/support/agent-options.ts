import type { Policy } from './order-tools.ts'

/** What one execution of the agent is started with. */
export interface AgentOptions {
  readonly agent: 'order' | 'stubborn'
  readonly url: string
  /** Also the run's id. */
  readonly caseId: string
  readonly ledgerPath: string
  readonly policy: Policy
  readonly leaseMs: number
  readonly concurrency: number
  readonly retry: boolean
  readonly join: boolean
}

/** What an execution came to that was not killed. */
export type AgentReport =
  | { readonly kind: 'completed'; readonly output: unknown }
  | {
      readonly kind: 'failed'
      readonly code: string
      /** The effect that nobody knows of, if that is what stopped the run. */
      readonly key: string | null
      readonly idempotencyKey: string | null
    }
