import { tool } from 'holdfast'
import { z } from 'zod'
import type { AgentConfig } from './config.ts'
import { type OfferedTool, offer } from './offered-tool.ts'
import { getJson } from './post-json.ts'

/** Asks the carrier where the parcel of an order is. */
export function trackParcel({ carrierUrl }: AgentConfig): OfferedTool {
  const inputSchema = z.object({ orderId: z.string() })
  return offer(
    inputSchema,
    tool({
      name: 'track-parcel',
      description: 'Says where the parcel of an order is.',
      inputSchema,
      effect: 'read',
      execute: ({ orderId }, { signal }) =>
        getJson<{ tracking: string; status: string }>(`${carrierUrl}/v1/parcels/${orderId}`, signal),
    }),
  )
}
