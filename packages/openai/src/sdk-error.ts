import { asErrorOf } from '@holdfast/http'
import { HoldfastError } from 'holdfast'
import type { SdkClient, SdkStatics } from './sdk-client.ts'

/** An error of ours as an error of the client's own SDK, whose helpers then leave it as it is; any other unchanged. */
export function asSdkError(client: SdkClient, error: unknown): Error {
  if (!HoldfastError.isInstance(error)) return error as Error
  const { OpenAIError } = client.constructor as unknown as SdkStatics
  return asErrorOf(OpenAIError, error)
}
