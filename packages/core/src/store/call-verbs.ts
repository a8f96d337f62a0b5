import type { Body, RecordLevel, Refused, RunRef } from './records.ts'

export interface ReserveCall {
  readonly run: RunRef
  readonly lane: string
  readonly provider: string
  readonly model: string
  readonly exactHash: Buffer
  readonly maskedHash: Buffer
  /** Over model, tools and parameters: a difference there is reported, and the answer served all the same. */
  readonly restHash: string
  readonly request: Body
  readonly effect: number | null
  /** @default 'full' */
  readonly recordLevel?: RecordLevel
  /** Holds of money and rate come with limits; none are supported yet. */
  readonly holds: readonly never[]
  readonly at: number
}
/** `ordinal` counts the calls of the lane from 1, over all executions. */
export type CallReserved = { readonly kind: 'held'; readonly id: number; readonly ordinal: number } | Refused

export interface SettleCall {
  readonly id: number
  readonly outcome:
    | { readonly kind: 'succeeded'; readonly response: Body | null }
    | { readonly kind: 'failed'; readonly error: Body }
    /** Given up before it was answered: never served. */
    | { readonly kind: 'lost'; readonly error: Body }
  readonly usage: Body | null
  readonly externalId: string | null
  readonly at: number
}

export interface CallStore {
  /** The call's row, before a byte is sent. */
  reserve(reserve: ReserveCall): Promise<CallReserved>
  /** Always accepted, also from a fenced owner: it records what already happened. Idempotent. */
  settle(settle: SettleCall): Promise<{ readonly kind: 'settled' } | { readonly kind: 'already-settled' }>
  /** Gives back a hold that was never dispatched. Not supported before limits are. */
  release(id: number): Promise<never>
  /** Charges holds whose owner is gone. Not supported before limits are. */
  expireHolds(at: number): Promise<never>
}
