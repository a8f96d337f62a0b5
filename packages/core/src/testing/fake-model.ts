import type { CallContext, CallRequest } from '../call/call-request.ts'
import type { Run } from '../run/run.ts'

interface ChatRequest {
  readonly model: string
  readonly max_tokens?: number
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

interface ChatAnswer {
  readonly model: string
  readonly text: string
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number }
}

/** What a fake call is like. */
export interface FakeCall {
  /** The caller's own cap; null: it sets none. @default 1_000 */
  readonly cap?: number | null
  /** What it really uses; null: it does not say. @default all of the cap */
  readonly used?: number | null
  readonly content?: string
  readonly more?: Partial<CallRequest<ChatAnswer>>
  /** Instead of the answer. */
  readonly send?: (call: CallContext) => Promise<ChatAnswer>
}

/** A token of output costs 2,000 nano-USD, those of input nothing: sums are easy to follow. */
export const OUTPUT_PRICE = { input: 0, output: 2, per: 1_000_000 } as const

/** What so many tokens of output cost, in nano-USD. */
export function nanoOf(outputTokens: number): number {
  return outputTokens * 2_000
}

/** A provider that remembers what arrived. */
export class FakeModel {
  readonly arrived: ChatRequest[] = []

  call(run: Pick<Run, 'call'>, { cap = 1_000, used, content = 'go', more, send }: FakeCall = {}): Promise<ChatAnswer> {
    const request: ChatRequest = {
      model: 'fake-1',
      ...(cap === null ? {} : { max_tokens: cap }),
      messages: [{ role: 'user', content }],
    }
    return run.call({ provider: 'fake', model: 'fake-1', request, price: OUTPUT_PRICE, ...more }, async (call) => {
      this.arrived.push(call.request as ChatRequest)
      if (send !== undefined) return send(call)
      const completion_tokens = used ?? call.maxOutputTokens ?? 0
      const usage = used === null ? {} : { usage: { prompt_tokens: 10, completion_tokens } }
      return { model: 'fake-1', text: 'said', ...usage }
    })
  }
}
