import type { ExchangeRequest } from './exchange.ts'

/** An error as the caller of a request gets it. */
export function errorFor({ asError }: ExchangeRequest, error: Error): Error {
  const given = asError?.(error)
  return given instanceof Error ? given : error
}
