import { Buffer } from 'node:buffer'
import { readUsage, type UsageReading } from 'holdfast'

const OVER = new Set(['completed', 'failed', 'expired', 'cancelled'])
const BATCH_TIER = 'batch'

/** What nothing came of was not billed. */
const NOTHING: UsageReading = { usage: { input: 0, output: 0 }, complete: true, others: [] }

interface Batch {
  readonly status?: unknown
  readonly request_counts?: { readonly completed?: unknown } | null
}

/** What a batch that is over has used; undefined for one that goes on, and where nothing is told. */
export function batchReading(bytes: Uint8Array | undefined, provider: string): UsageReading | undefined {
  const batch = parsed(bytes)
  if (typeof batch.status !== 'string' || !OVER.has(batch.status)) return undefined
  const reading = readUsage(batch, { provider })
  if (reading !== undefined) return { ...reading, serviceTier: BATCH_TIER }
  const isNothing = batch.status === 'failed' || batch.request_counts?.completed === 0
  return isNothing ? NOTHING : undefined
}

function parsed(bytes: Uint8Array | undefined): Batch {
  if (bytes === undefined) return {}
  try {
    return (JSON.parse(Buffer.from(bytes).toString()) as Batch | null) ?? {}
  } catch {
    return {}
  }
}
