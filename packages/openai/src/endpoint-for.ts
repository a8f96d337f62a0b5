import { type Endpoint, endpointOf } from '@holdfast/http'

export interface KnownEndpoint {
  readonly endpoint: Endpoint
  /** Whose API it is, where the address does not say so. */
  readonly provider: string | undefined
}

/**
 * What a client's request is for: by its class, for Azure and Bedrock, which stand behind hosts of any name; else by its
 * host; and on a host that says nothing of it, by what OpenAI's own API has there.
 */
export function endpointFor(client: object, method: string, url: string): KnownEndpoint {
  const provider = providerOf(client)
  const endpoint = endpointOf({ method, url, provider })
  if (provider !== undefined || isTold(endpoint)) return { endpoint, provider }
  const own = endpointOf({ method, url, provider: 'openai' })
  return isTold(own) || endpoint.kind === 'unknown' ? { endpoint: own, provider: 'openai' } : { endpoint, provider }
}

function providerOf(client: object): string | undefined {
  if ('deploymentName' in client && 'apiVersion' in client) return 'azure'
  return 'bedrockTokenProvider' in client ? 'aws' : undefined
}

function isTold({ kind }: Endpoint): boolean {
  return kind !== 'free' && kind !== 'unknown'
}
