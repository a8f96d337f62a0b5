import { deniedBy } from '@holdfast/http'
import type { Run } from 'holdfast'
import { GUARD_OPTIONS } from './client-options.ts'
import { defineGuardedFetch } from './guarded-fetch.ts'
import { refuseCertificates, refuseWebSocket } from './refused-ways.ts'
import { attempted, reserveRequest } from './reserve-request.ts'
import type {
  ClientClass,
  RequestPlace,
  SdkClient,
  SdkClientClass,
  SdkRequest,
  SdkRequestOptions,
} from './sdk-client.ts'
import { asSdkError } from './sdk-error.ts'

const GUARDED = Symbol.for('holdfast.guarded-client')

/**
 * A client class whose every request is paid for before it is sent: `class Mine extends guardedClass(AzureOpenAI) {}`.
 * It keeps its name, which the SDK sends, and whatever is an instance of the SDK's class is one of this.
 */
export function guardedClass<Base extends ClientClass>(base: Base): Base {
  if (GUARDED in base.prototype) return base
  const Sdk = base as unknown as SdkClientClass
  class Guarded extends Sdk {
    static override [Symbol.hasInstance](value: unknown): boolean {
      // biome-ignore lint/complexity/noThisInStatic: it is inherited, and asks about the class that it is called on.
      return Function.prototype[Symbol.hasInstance].call(this === Guarded ? Sdk : this, value)
    }

    constructor(...parameters: readonly unknown[]) {
      super(...parameters)
      refuseCertificates(this)
    }

    withRun(run: Run): this {
      return this.withOptions({ ...whatClonesForget(this), run })
    }

    override withOptions(options: object): this {
      return inherit(super.withOptions(options), this, options)
    }

    override async prepareRequest(request: SdkRequest, place: RequestPlace): Promise<void> {
      await super.prepareRequest(request, place)
      await reserveRequest(this, request, place)
    }

    // It ends with every attempt, also where the SDK never comes to send what was reserved.
    override async makeRequest(options: SdkRequestOptions | Promise<SdkRequestOptions>, ...rest: readonly unknown[]) {
      // A copy of its own, because callers of `client.request` may make several requests of one object at a time.
      const known = { ...(await options) }
      return attempted(known, () => super.makeRequest(known, ...rest))
    }

    override makeStatusError(status: number, body: object, message: string | undefined, headers: Headers): Error {
      return asSdkError(this, deniedBy(headers) ?? super.makeStatusError(status, body, message, headers))
    }

    override _buildWebSocketHeaders(...parameters: readonly unknown[]): Record<string, string> {
      refuseWebSocket(this)
      return super._buildWebSocketHeaders(...parameters)
    }
  }
  return finished(Guarded, base) as unknown as Base
}

function finished(guarded: SdkClientClass, base: ClientClass): SdkClientClass {
  Object.defineProperty(guarded, 'name', { value: base.name, configurable: true })
  Object.defineProperty(guarded.prototype, GUARDED, { value: true })
  defineGuardedFetch(guarded.prototype)
  return guarded
}

export function isGuarded(client: object): boolean {
  return GUARDED in client
}

/** What a clone of it is to be given anew: AzureOpenAI of openai 6 forgets what it cannot do without. */
export function whatClonesForget(client: object): object {
  const { apiVersion, deploymentName } = client as { apiVersion?: unknown; deploymentName?: unknown }
  return apiVersion === undefined ? {} : { apiVersion, deployment: deploymentName }
}

/** Sees to it that a clone is guarded as its original, also where a subclass passes only options that it knows. */
export function inherit<Client extends SdkClient>(clone: Client, original: SdkClient, changes: object): Client {
  const all = { ...original._options, ...changes } as Record<string, unknown>
  const ours = GUARD_OPTIONS.filter((name) => all[name] !== undefined).map((name) => [name, all[name]])
  clone._options = { ...clone._options, ...Object.fromEntries(ours) }
  return clone
}
