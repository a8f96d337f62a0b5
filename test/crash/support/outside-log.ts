/** What the ledger's file said about the effect or call at the moment when its request arrived. */
export interface OnRecord {
  readonly status: string
  readonly epoch: number
}

/**
 * One request as the service logged it, synced to disk before it was answered. `act`: it did something, for good;
 * `repeat`: it gave the stored answer of an earlier one with the same key.
 */
export interface ServiceLine {
  readonly kind: 'act' | 'repeat' | 'read' | 'call'
  readonly caseId: string
  readonly pid: number
  readonly tool: string
  readonly args: unknown
  /** The downstream key; null for reads and calls. */
  readonly key: string | null
  readonly declined: boolean
  readonly result: unknown
  readonly epoch: number | null
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
  readonly effect: { readonly key: string; readonly generation: number; readonly epoch: number } | null
  readonly call: { readonly runId: string; readonly ordinal: number } | null
  /** When the service is to kill whoever asks. */
  readonly kill: 'on-arrival' | 'after-acting' | null
}

/** What the service knows about a downstream key. */
export type Known =
  | { readonly acted: true; readonly declined: boolean; readonly result: unknown }
  | { readonly acted: false }
