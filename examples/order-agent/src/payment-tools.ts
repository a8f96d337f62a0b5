import { tool } from 'holdfast'
import { z } from 'zod'
import type { AgentConfig } from './config.ts'
import { type OfferedTool, offer } from './offered-tool.ts'
import { type PostOptions, postJson } from './post-json.ts'

/** What the agent may refund without asking anybody. */
const FREE_REFUND_CENTS = 2_000

/** Charges a card; if the order comes to nothing, the charge is refunded. */
export function chargeCard(config: AgentConfig): OfferedTool {
  const inputSchema = z.object({ orderId: z.string(), card: z.string(), cents: z.number(), description: z.string() })
  return offer(
    inputSchema,
    tool({
      name: 'charge-card',
      description: "Charges the customer's card. The description appears on the statement.",
      inputSchema,
      keys: ['orderId'],
      // The payment service honours the key: it answers a repeated request with the first answer.
      onUnknown: 'retry',
      execute: (charge, context) =>
        postJson<{ id: string; cents: number }>(`${config.paymentsUrl}/v1/charges`, charge, context),
      compensate: ({ cents }, { orderId }, context) => refund(config, { orderId, cents }, context),
    }),
  )
}

/** Refunds what an order was charged. Above some amount a person is asked first. */
export function refundCard(config: AgentConfig): OfferedTool {
  const inputSchema = z.object({ orderId: z.string(), cents: z.number(), reason: z.string() })
  return offer(
    inputSchema,
    tool({
      name: 'refund-card',
      description: 'Gives the customer money back. The reason appears on the statement.',
      inputSchema,
      keys: ['orderId'],
      onUnknown: 'retry',
      approval: { when: ({ cents }) => cents > FREE_REFUND_CENTS, reason: 'it is above $20' },
      execute: (wanted, context) => refund(config, wanted, context),
    }),
  )
}

function refund(
  { paymentsUrl }: AgentConfig,
  wanted: { readonly orderId: string; readonly cents: number; readonly reason?: string },
  options: PostOptions,
): Promise<{ id: string; cents: number }> {
  return postJson(`${paymentsUrl}/v1/refunds`, wanted, options)
}
