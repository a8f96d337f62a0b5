import type { ModelPrice } from '../price/model-price.ts'
import type { RecordLevel } from '../store/records.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'

/** One model request of any provider, as its caller made it. */
export interface CallRequest<Response = unknown, Request = unknown> {
  /** 'openai', 'anthropic', … or a name of your own. */
  readonly provider: string
  /**
   * Where the request names another model, that is the one that is recorded and told of; what is put aside is then the
   * dearer of both, and a price that nobody knows of the request's own model is an unknown price.
   */
  readonly model: string
  /** What is sent. Its conversation is what a resumed run recognises the call by. */
  readonly request: Request
  /**
   * Reads what the provider says it counted: in its own words, or as `TokenUsage`; not a promise. Who answered, and in
   * which tier, is read from the response. @default the usage in the response, where its shape is one that we know
   */
  readonly usage?: (response: Response) => unknown
  /** What it costs: `{ input: 0.15, output: 0.6, per: 1_000_000 }`, in dollars. @default as the ledger's prices say */
  readonly price?: ModelPrice
  /** The cap that its sender sets on each answer, where the request does not say it. */
  readonly maxOutputTokens?: number
  /** Whether it waits while only calls in flight, or a pace, are in the way. @default as the ledger's `waitForBudget` says */
  readonly wait?: boolean | WaitOptions
  /**
   * How much of request and response is shown in views, events and exports. `'hash'` drops them when the run is over and
   * nothing needs them any more. @default 'full'
   */
  readonly record?: RecordLevel
}

/** What the sender of a call is told. */
export interface CallContext<Request = unknown> {
  /** Which call of its lane this is, from 1, over all executions. */
  readonly ordinal: number
  /**
   * What to send: the caller's own request, or, where a hard limit leaves room for less output than it may come to, a
   * copy with a lower cap.
   */
  readonly request: Request
  /** The cap on each answer, for a request that says none; undefined where nothing limits it. */
  readonly maxOutputTokens: number | undefined
  /** What is put aside for the output of all its answers together; undefined where no hard limit counts them. */
  readonly heldOutputTokens: number | undefined
  /** An answer that is longer as JSON is not kept, so that a resumed run asks again. */
  readonly maxKeptBytes: number
  /** Aborted when the run is canceled, lost, or its own signal is. A limit on what may be spent does not abort it. */
  readonly signal: AbortSignal
}
