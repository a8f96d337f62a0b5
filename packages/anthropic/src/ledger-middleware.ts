import { AnthropicError, APIConnectionError, type Middleware } from '@anthropic-ai/sdk'
import type { Ledger } from 'holdfast'
import type { ClientGuardOptions } from './client-options.ts'
import { guardRequest, type RequestGuard } from './guard-request.ts'
import type { SdkErrors, SdkMiddleware } from './sdk-client.ts'

/** What the middleware is told beside its ledger. */
export interface LedgerMiddlewareOptions extends Omit<ClientGuardOptions, 'ledger'> {
  /** Whose API it is, where the host does not say so: 'anthropic', 'aws', 'google', 'azure'. */
  readonly provider?: string | undefined
}

/**
 * The guard of a client that is made elsewhere: the last one of its middleware, since what stands behind it is not seen. It
 * lasts as long as the option does: `withOptions({ middleware: [] })` takes it away. What refuses a request is thrown; where
 * the SDK would take that for a failure of the network, its caller gets an `APIError` of which `deniedBy` tells what it was.
 *
 * @example
 * const client = new Anthropic({ middleware: [retries, ledgerMiddleware(ledger)] })
 */
export function ledgerMiddleware(ledger: Ledger, options: LedgerMiddlewareOptions = {}): Middleware {
  const errors = { AnthropicError, APIConnectionError } as unknown as SdkErrors
  const guard: RequestGuard = { ledger: () => ledger, options, provider: options.provider, errors, isAlone: false }
  const middleware: SdkMiddleware = (request, next, context) => guardRequest(guard, request, next, context)
  return middleware as unknown as Middleware
}
