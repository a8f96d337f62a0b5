import type { Recovery, RunStatus } from 'holdfast'
import type { Policy } from './order-tools.ts'
import type { Trip } from './trip.ts'

/** What a process of a trip is there for. */
export type TripRole = 'agent' | 'recover' | 'decide'

export interface TripOptions {
  readonly role: TripRole
  readonly url: string
  /** Also the run's id. */
  readonly caseId: string
  readonly ledgerPath: string
  readonly policy: Policy
  readonly leaseMs: number
  readonly trip: Trip
  /** The agent is registered, so that who recovers goes on with the run. */
  readonly resumes: boolean
}

/** What a process of a trip came to that was not killed. */
export type TripReport =
  | { readonly kind: 'completed' }
  /** `left`: the tools of the effects that the error says were not undone. */
  | { readonly kind: 'failed'; readonly code: string; readonly left: readonly string[] }
  | { readonly kind: 'recovered'; readonly recovery: ReportedRecovery }
  | { readonly kind: 'decided' }

export interface ReportedRecovery extends Pick<Recovery, 'expired' | 'resolved' | 'complete'> {
  readonly compensated: readonly RunStatus[]
  readonly resumed: number
  readonly resumable: readonly string[]
  readonly blocked: readonly string[]
}
