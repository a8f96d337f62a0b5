import type { ClientGuardOptions } from './client-options.ts'

/** What is sent, as the SDK hands it from its hooks to its fetch. Providers put other headers and signatures in it. */
export interface SdkRequest extends RequestInit {
  method?: string
}

/** What is asked for; each attempt has an object of its own. */
export interface SdkRequestOptions {
  readonly method: string
  /** As the caller made it: an object, a form, a string, a stream. */
  readonly body?: unknown
  readonly signal?: AbortSignal | null | undefined
  readonly __metadata?: Readonly<Record<string, unknown>> | undefined
}

export interface RequestPlace {
  readonly url: string
  readonly options: SdkRequestOptions
}

/** Options as a client keeps them: ours among them, since it keeps those that it does not know. */
export type SdkOptions = ClientGuardOptions & {
  readonly workloadIdentity?: object | null | undefined
  readonly x509Transport?: unknown
}

export interface SdkStatics {
  readonly OpenAIError: new (message?: string) => Error
}

/** The parts of the SDK's client that a guarded one hooks into, the same in openai 6 and 7. */
export interface SdkClient {
  _options: SdkOptions
  fetch: typeof fetch
  withOptions(options: object): this
  prepareRequest(request: SdkRequest, place: RequestPlace): Promise<void>
  makeRequest(options: SdkRequestOptions | Promise<SdkRequestOptions>, ...rest: readonly unknown[]): Promise<unknown>
  makeStatusError(status: number, body: object, message: string | undefined, headers: Headers): Error
  _buildWebSocketHeaders(...parameters: readonly unknown[]): Record<string, string>
}

export type SdkClientClass = SdkStatics & (new (...parameters: readonly unknown[]) => SdkClient)

/** Any of the SDK's client classes, or one that was made from them. */
export type ClientClass = new (...parameters: never[]) => object
