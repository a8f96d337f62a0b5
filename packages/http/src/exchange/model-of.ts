import type { ExchangeRequest } from './exchange.ts'

/** The model that is asked; where nothing names it, what it is asked for. */
export function modelOf({ endpoint, body }: Pick<ExchangeRequest, 'endpoint' | 'body'>): string {
  return modelIn(body) ?? (endpoint.kind === 'metered' ? endpoint.model : undefined) ?? endpoint.name
}

/** Whether a stream is asked for, in the body or in the path. */
export function asksForStream({ endpoint, body }: Pick<ExchangeRequest, 'endpoint' | 'body'>): boolean {
  if (endpoint.kind === 'metered' && endpoint.streams === true) return true
  return (body as { readonly stream?: unknown } | null | undefined)?.stream === true
}

function modelIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { model } = body as { readonly model?: unknown }
  return typeof model === 'string' && model !== '' ? model : modelOfBatch(body)
}

/** The one model of all requests in an Anthropic batch. */
function modelOfBatch({ requests }: { readonly requests?: unknown }): string | undefined {
  if (!Array.isArray(requests)) return undefined
  const models = new Set(
    requests.map((one: { readonly params?: { readonly model?: unknown } } | null) => one?.params?.model),
  )
  const [model] = models
  return models.size === 1 && typeof model === 'string' && model !== '' ? model : undefined
}
