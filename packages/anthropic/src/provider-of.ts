import type { SdkClient } from './sdk-client.ts'

/** Whose prices count behind any host, by what a client calls itself and by what its spans call its platform. */
const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/^AnthropicBedrock|^aws\.bedrock/, 'aws'],
  [/^AnthropicVertex|^gcp\.vertex/, 'google'],
  [/^AnthropicFoundry|^azure/, 'azure'],
]

/** The platform that a client is made for; undefined where the host says whose API it is. */
export function providerOf(client: SdkClient): string | undefined {
  const names = [client.getUserAgent(), client.constructor.name, client._genAIProviderName ?? '']
  return PLATFORMS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1]
}
