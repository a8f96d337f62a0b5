import { deniedBy } from '@holdfast/http'
import { defaultLedger, NotSupportedError, type Run } from 'holdfast'
import { GUARD_OPTIONS } from './client-options.ts'
import { guardRequest } from './guard-request.ts'
import { providerOf } from './provider-of.ts'
import { asSdkError } from './refuse.ts'
import type {
  ClientClass,
  SdkClient,
  SdkClientClass,
  SdkContext,
  SdkErrors,
  SdkMiddleware,
  SdkNext,
  SdkRequest,
} from './sdk-client.ts'
import { noteSending, notingUnsent } from './unsent.ts'

const GUARDED = Symbol.for('holdfast.guarded-client')

/**
 * A client class whose every request is paid for before it is sent, also of the SDK's other platforms. It keeps its name,
 * and whatever is an instance of the SDK's class is one of this.
 *
 * @throws NotSupportedError for a class of an SDK before 0.102, whose requests cannot be guarded.
 * @example
 * const Bedrock = guardedAnthropic(AnthropicBedrock)
 * const client = new Bedrock({ ledger })
 */
export function guardedClass<Base extends ClientClass>(base: Base): Base {
  if (GUARDED in base.prototype) return base
  refuseOldSdk(base)
  const Sdk = base as unknown as SdkClientClass
  class Guarded extends Sdk {
    static override [Symbol.hasInstance](value: unknown): boolean {
      // biome-ignore lint/complexity/noThisInStatic: it is inherited, and asks about the class that it is called on.
      return Function.prototype[Symbol.hasInstance].call(this === Guarded ? Sdk : this, value)
    }

    withRun(run: Run): this {
      return this.withOptions({ run })
    }

    override withOptions(options: object): this {
      return inherit(super.withOptions(options), this, options)
    }

    // First of all, so that it sees what the caller's middleware sends, before a platform makes its own of it.
    override backendMiddleware(): readonly SdkMiddleware[] {
      const guard: SdkMiddleware = (request, next, context) => guardedBy(this, request, next, context)
      return [guard, ...super.backendMiddleware().map(notingUnsent)]
    }

    override prepareRequest(request: RequestInit, place: object): Promise<void> {
      return noteSending(request, () => super.prepareRequest(request, place))
    }

    override makeStatusError(status: number, body: object, message: string | undefined, headers: Headers): Error {
      const denied = deniedBy(headers)
      return denied === undefined
        ? super.makeStatusError(status, body, message, headers)
        : asSdkError(denied, errorsOf(this))
    }
  }
  Object.defineProperty(Guarded, 'name', { value: base.name, configurable: true })
  Object.defineProperty(Guarded.prototype, GUARDED, { value: true })
  return Guarded as unknown as Base
}

function guardedBy(client: SdkClient, request: SdkRequest, next: SdkNext, context: SdkContext): Promise<Response> {
  const { _options: options, middleware } = client
  const guard = {
    ledger: () => options.ledger ?? defaultLedger(),
    options,
    provider: providerOf(client),
    errors: errorsOf(client),
    isAlone: middleware.length === 0 && !context.options?.middleware?.length,
  }
  return guardRequest(guard, request, next, context)
}

/** Of the client's own SDK: there may be several. */
function errorsOf(client: SdkClient): SdkErrors {
  return client.constructor as unknown as SdkErrors
}

function refuseOldSdk(base: ClientClass): void {
  if ('backendMiddleware' in base.prototype) return
  throw new NotSupportedError(
    'A client of @anthropic-ai/sdk before 0.102',
    'Its requests could not be guarded. Install @anthropic-ai/sdk 0.102 or later, or give the client a guarded fetch: new Anthropic({ fetch: guardFetch(ledger) }).',
  )
}

export function isGuarded(client: object): boolean {
  return GUARDED in client
}

/** Sees to it that a clone is guarded as its original, also where a subclass passes only options that it knows. */
export function inherit<Client extends SdkClient>(clone: Client, original: SdkClient, changes: object): Client {
  const all = { ...original._options, ...changes } as Record<string, unknown>
  const ours = GUARD_OPTIONS.filter((name) => all[name] !== undefined).map((name) => [name, all[name]])
  clone._options = { ...clone._options, ...Object.fromEntries(ours) }
  return clone
}
