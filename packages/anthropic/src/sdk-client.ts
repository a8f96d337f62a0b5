import type { SdkErrorClass } from '@holdfast/http'
import type { ClientGuardOptions } from './client-options.ts'

/** A request on its way through the middleware: canonical, whatever the platform behind it. */
export interface SdkRequest extends RequestInit {
  readonly url: string
  readonly headers: Headers
}

export type SdkNext = (request: SdkRequest) => Promise<Response>

/** What the caller asked for, the same object over all attempts. */
export interface SdkRequestOptions {
  /** As the caller made it: an object, a form, a string, a stream. */
  readonly body?: unknown
  readonly middleware?: readonly unknown[] | undefined
}

export interface SdkContext {
  /** Undefined for what the SDK sends by itself, to get a token for its credentials. */
  readonly options?: SdkRequestOptions | undefined
}

export type SdkMiddleware = (request: SdkRequest, next: SdkNext, context: SdkContext) => Promise<Response>

/** The errors of an SDK that ours are to be, or to come as. */
export interface SdkErrors {
  readonly AnthropicError: SdkErrorClass
  readonly APIConnectionError: new (options: { readonly cause: Error }) => Error
}

/** The parts of the SDK's client that a guarded one hooks into, the same from 0.102 to 1.x. */
export interface SdkClient {
  _options: ClientGuardOptions
  readonly middleware: readonly unknown[]
  readonly _genAIProviderName?: string
  getUserAgent(): string
  withOptions(options: object): this
  backendMiddleware(): readonly SdkMiddleware[]
  prepareRequest(request: RequestInit, place: object): Promise<void>
  makeStatusError(status: number, body: object, message: string | undefined, headers: Headers): Error
}

export type SdkClientClass = SdkErrors & (new (...parameters: readonly unknown[]) => SdkClient)

/** Any of the SDK's client classes, or one that was made from them. */
export type ClientClass = new (...parameters: never[]) => object
