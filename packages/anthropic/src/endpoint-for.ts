import { type Endpoint, endpointOf } from '@holdfast/http'

/**
 * What a client's request is for: by its platform, else by its host; and on a host that says nothing of it, by what
 * Anthropic's own API has there.
 */
export function endpointFor(method: string, url: string, provider: string | undefined): Endpoint {
  const endpoint = endpointOf({ method, url, provider })
  if (provider !== undefined || isTold(endpoint)) return endpoint
  const own = endpointOf({ method, url, provider: 'anthropic' })
  return isTold(own) || endpoint.kind === 'unknown' ? own : endpoint
}

function isTold({ kind }: Endpoint): boolean {
  return kind !== 'free' && kind !== 'unknown'
}
