import type { Endpoint } from '../endpoint.ts'

/** Method and address, the endpoint as `describeEndpoint` says it, and the provider where one is given. */
export type AddressCase = readonly [request: string, endpoint: string, provider?: string]

/** `metered openai chat.completions openai-chat`, and `model=`, `streams=` and `id=` where the path says them. */
export function describeEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'free' || endpoint.kind === 'unknown') return endpoint.kind
  const { kind, provider, name } = endpoint
  if (kind === 'unpriced') return `${kind} ${provider} ${name}`
  if (kind === 'result') return `${kind} ${provider} ${name} ${endpoint.shape} id=${endpoint.id}`
  const { model, streams } = endpoint
  const said = [model === undefined ? '' : ` model=${model}`, streams === undefined ? '' : ` streams=${streams}`]
  return `${kind} ${provider} ${name} ${endpoint.shape}${said.join('')}`
}
