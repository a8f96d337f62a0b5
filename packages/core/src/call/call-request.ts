import type { RecordLevel } from '../store/records.ts'

/** One model request of any provider, as its caller made it. */
export interface CallRequest<Response = unknown> {
  /** 'openai', 'anthropic', … or a name of your own. */
  readonly provider: string
  readonly model: string
  /** What is sent. Its conversation is what a resumed run recognises the call by. */
  readonly request: unknown
  /** Reads what the provider says it counted; kept as it is. */
  readonly usage?: (response: Response) => unknown
  /**
   * How much of request and response is shown in views, events and exports. `'hash'` drops them when the run is over and
   * nothing needs them any more. @default 'full'
   */
  readonly record?: RecordLevel
}

/** What the sender of a call is told. */
export interface CallContext {
  /** Which call of its lane this is, from 1, over all executions. */
  readonly ordinal: number
  /** Aborted when the run is canceled, lost, or its own signal is. */
  readonly signal: AbortSignal
}
