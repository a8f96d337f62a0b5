import type { Granted, HoldCost, HoldSettled, HoldTerms, Limited, NotBounded } from './limit-records.ts'
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
  /** What it may cost at most. Null: it is not counted anywhere. @default null */
  readonly hold?: HoldTerms | null
  readonly at: number
}
/** `ordinal` counts the calls of the lane from 1, over all executions. */
export type CallReserved =
  | { readonly kind: 'held'; readonly id: number; readonly ordinal: number; readonly granted: Granted | null }
  | Limited
  | NotBounded
  | Refused

export interface SettleCall {
  readonly id: number
  readonly outcome:
    | { readonly kind: 'succeeded'; readonly response: Body | null }
    | { readonly kind: 'failed'; readonly error: Body }
    /** Given up before it was answered: never served. */
    | { readonly kind: 'lost'; readonly error: Body }
  readonly usage: Body | null
  /** What its hold comes to. Null or absent: it has none. */
  readonly cost?: HoldCost | null
  readonly externalId: string | null
  readonly at: number
}

/** What a call that was charged before anybody knew its usage really came to. */
export interface CorrectCall {
  readonly id: number
  readonly cost: Extract<HoldCost, { kind: 'spent' }>
  readonly usage: Body | null
  readonly at: number
}

export interface CallStore {
  /** The call's row and its hold in all scopes, before a byte is sent; or nothing at all. */
  reserve(reserve: ReserveCall): Promise<CallReserved>
  /** Always accepted, also from a fenced owner: it records what already happened. Idempotent. */
  settle(settle: SettleCall): Promise<CallSettled>
  /**
   * What the call cost replaces what it was charged, in all scopes that its hold counts on, also after its run has ended.
   * The first cost that is not estimated stays; until then an estimated one counts, and only the first of these.
   */
  correct(correct: CorrectCall): Promise<CallCorrected>
}

/** `already-corrected`: it had its cost, and nothing was changed; also where nothing is held for it. */
export type CallCorrected =
  | {
      readonly kind: 'corrected'
      /** What counted until now, in nano-USD. */
      readonly beforeNano: number
      /** A hard limit on one of its scopes counts what it costs, in money or tokens. */
      readonly limited: boolean
      readonly hold: Extract<HoldSettled, { kind: 'settled' }>
    }
  | { readonly kind: 'already-corrected' }

/** `already-settled`: the call had its outcome; its hold may still have been settled now. `hold` null: it has none. */
export interface CallSettled {
  readonly kind: 'settled' | 'already-settled'
  readonly hold: HoldSettled | null
}
