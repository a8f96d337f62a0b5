import type { MeteredEndpoint, UnpricedEndpoint } from '../endpoint/endpoint.ts'
import type { TappedEnd } from '../tap/tap.ts'

const BATCHES = /(?:^|\.)batches$/

/** The id of the batch that was created: what it used is told with its results. */
export function batchIdIn({ name }: MeteredEndpoint | UnpricedEndpoint, { bytes }: TappedEnd): string | undefined {
  if (bytes === undefined || !BATCHES.test(name)) return undefined
  try {
    const { id } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly id?: unknown }
    return typeof id === 'string' && id !== '' ? id : undefined
  } catch {
    return undefined
  }
}
