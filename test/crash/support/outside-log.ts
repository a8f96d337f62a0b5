/** What the ledger's file said about the effect or call at the moment when its request arrived. */
export interface OnRecord {
  readonly status: string
  readonly epoch: number
}

/** The effect that a request is of, or whose compensation it is. */
export interface AskedFor {
  readonly key: string
  readonly generation: number
  readonly epoch: number
}

/**
 * What the service makes of a request, the first time that it is asked for: it refuses, and says the same to that key for
 * ever; it acts, and its answer is lost; it neither acts nor answers; it is too busy to look at it.
 */
export type Whim = 'declines' | 'loses' | 'drops' | 'busy'

/**
 * One request as the service logged it, synced to disk before it was answered. `act`: it did something, for good;
 * `repeat`: it gave the stored answer of an earlier one with the same key; `unseen`: it came to nothing, and is not known
 * any more; `decision`: somebody is about to approve or deny.
 */
export interface ServiceLine {
  readonly kind: 'act' | 'repeat' | 'unseen' | 'decision' | 'read' | 'call'
  readonly caseId: string
  readonly pid: number
  readonly tool: string
  readonly args: unknown
  /** The downstream key; null for reads and calls. */
  readonly key: string | null
  readonly declined: boolean
  readonly result: unknown
  readonly effect: AskedFor | null
  readonly onRecord: OnRecord | null
}

/** What a request tells the service. */
export interface ServiceRequest {
  readonly caseId: string
  readonly pid: number
  readonly tool: string
  readonly args: unknown
  readonly key: string | null
  readonly ledgerPath: string
  readonly effect: AskedFor | null
  readonly call: { readonly runId: string; readonly ordinal: number } | null
  /** When the service is to kill whoever asks. */
  readonly kill: 'on-arrival' | 'after-acting' | null
  /** @default none */
  readonly whim?: Whim
}

/** What the service knows about a downstream key. */
export type Known =
  | { readonly acted: true; readonly declined: boolean; readonly result: unknown }
  | { readonly acted: false }
