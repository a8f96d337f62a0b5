import type { CallHow } from '../call/call-how.ts'
import type { CallContext, CallRequest } from '../call/call-request.ts'
import { hasConversation } from '../call/request-facts.ts'
import { ConfigError } from '../errors/config-error.ts'
import { isFields } from '../usage/fields.ts'

/** What guarded functions need of a ledger. */
export interface CallLedger {
  call<T>(request: CallRequest<T>, send: (call: CallContext) => Promise<T>, how?: CallHow<T>): Promise<T>
}

/** Which model a function calls, and what else is known of its calls. */
export interface GuardedModel<Response = unknown>
  extends Pick<CallRequest<Response>, 'usage' | 'price' | 'maxOutputTokens' | 'wait' | 'record'> {
  /** Of requests that name none, and at least so dear of those that do. */
  readonly model: string
  /** @default whoever makes a model of that name */
  readonly provider?: string
}

// biome-ignore lint/suspicious/noExplicitAny: any function can be guarded, and keeps its type
type AnyCall = (...args: any[]) => Promise<any>

/**
 * A guarded function with the type that it had; where that answered a promise with members of its own, such as a client's,
 * those are gone: what it answers now is the ledger's.
 */
export type GuardedFunction<Guarded extends AnyCall> =
  Promise<Awaited<ReturnType<Guarded>>> extends ReturnType<Guarded>
    ? Guarded
    : (this: ThisParameterType<Guarded>, ...args: Parameters<Guarded>) => Promise<Awaited<ReturnType<Guarded>>>

/**
 * The same function, each call of which is paid for before it is made and settled by what it used: in the run that it is
 * called in, else as a small run of its own. What it is given is its request: a body with messages, input, contents or a
 * prompt, beside which options of its client do not count; else all of it. A body of a shape that we know may be a copy
 * with a lower cap on the output. For any other under a hard limit, `maxOutputTokens` must say the cap that it sets.
 * A request that names another model is held by the dearer of the two: one function may serve several models.
 *
 * Throws `ConfigError` where no model is named.
 * @example
 * const ask = guardCall(ledger, 'gpt-5', (body: ChatRequest) => client.chat.completions.create(body))
 */
export function guardCall<Guarded extends AnyCall>(
  ledger: CallLedger,
  model: string | GuardedModel<Awaited<ReturnType<Guarded>>>,
  guarded: Guarded,
): GuardedFunction<Guarded> {
  const { provider = '', ...about } = typeof model === 'string' ? { model } : { ...model }
  if (typeof about.model !== 'string' || about.model === '' || typeof guarded !== 'function')
    throw new ConfigError(
      "guardCall needs a model and a function: guardCall(ledger, 'gpt-5', (body) => client.responses.create(body)). Nothing is guarded.",
    )
  const proxy = new Proxy(guarded, {
    apply: (call, self: unknown, args: unknown[]) => {
      const request = requestIn(args)
      const send = (sent: CallContext): Promise<Awaited<ReturnType<Guarded>>> =>
        Reflect.apply(call, self, sent.request === request ? args : [sent.request, ...args.slice(1)])
      return ledger.call({ provider, ...about, request }, send, { isDeaf: true })
    },
  })
  return proxy as unknown as GuardedFunction<Guarded>
}

/**
 * A body with a conversation comes first, and objects that follow it are options of its client. Of anything else all
 * counts: two calls are the same only if all of it is, and what nobody can read the size of has no bound.
 */
function requestIn(args: unknown[]): unknown {
  const [body, ...rest] = args
  if (rest.length === 0) return body
  if (!isFields(body)) return args
  const isBody = hasConversation(body) && rest.every((option) => typeof option !== 'string')
  return isBody ? body : { model: body.model, arguments: args }
}
