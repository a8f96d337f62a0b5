import { NotAppliedError, tool } from 'holdfast'
import { z } from 'zod'
import type { AgentConfig } from './config.ts'
import { stateFiles } from './config.ts'
import { type OfferedTool, offer } from './offered-tool.ts'
import { readOrder } from './orders.ts'
import { Outbox } from './outbox.ts'
import { chargeCard, refundCard } from './payment-tools.ts'
import { postJson } from './post-json.ts'
import { Shop } from './shop.ts'
import { trackParcel } from './track-parcel.ts'

/** What the agent can do. Each deed happens once per order: the model's words are no part of its key. */
export function orderTools(config: AgentConfig): readonly OfferedTool[] {
  const paying = [chargeCard(config), refundCard(config)]
  return [findOrder(), takeStock(config), ...paying, bookShipping(config), trackParcel(config), sendMail(config)]
}

function findOrder(): OfferedTool {
  const inputSchema = z.object({ orderId: z.string() })
  const description = 'Reads an order: customer, card, article and total.'
  return offer(
    inputSchema,
    tool({
      name: 'find-order',
      description,
      inputSchema,
      effect: 'read',
      execute: ({ orderId }) => readOrder(orderId),
    }),
  )
}

function takeStock(config: AgentConfig): OfferedTool {
  const shop = new Shop(stateFiles(config.stateDirectory).shop)
  const inputSchema = z.object({ orderId: z.string(), sku: z.string(), quantity: z.number() })
  return offer(
    inputSchema,
    tool({
      name: 'take-stock',
      description: 'Takes articles of an order out of the stock.',
      inputSchema,
      keys: ['orderId', 'sku'],
      // The shop's own table remembers the key, so that asking again is safe.
      onUnknown: 'retry',
      execute: ({ orderId, sku, quantity }, { idempotencyKey }) => {
        const taken = shop.move(orderId, sku, -quantity, idempotencyKey)
        if (taken === undefined) throw new NotAppliedError(`There are no ${quantity} of '${sku}' left.`)
        return taken
      },
      compensate: (_taken, { orderId, sku, quantity }, { idempotencyKey }) =>
        shop.move(orderId, sku, quantity, idempotencyKey),
    }),
  )
}

function bookShipping(config: AgentConfig): OfferedTool {
  const inputSchema = z.object({ orderId: z.string(), address: z.string() })
  return offer(
    inputSchema,
    tool({
      name: 'book-shipping',
      description: 'Books a parcel to the address and returns its tracking code.',
      inputSchema,
      keys: ['orderId'],
      onUnknown: 'retry',
      execute: (parcel, context) =>
        postJson<{ id: string; tracking: string }>(`${config.carrierUrl}/v1/shipments`, parcel, context),
      compensate: ({ id }, { orderId }, context) =>
        postJson(`${config.carrierUrl}/v1/recalls`, { orderId, shipment: id }, context),
    }),
  )
}

function sendMail(config: AgentConfig): OfferedTool {
  const outbox = new Outbox(stateFiles(config.stateDirectory).outbox)
  const inputSchema = z.object({ orderId: z.string(), to: z.string(), subject: z.string(), text: z.string() })
  return offer(
    inputSchema,
    tool({
      name: 'send-mail',
      description: 'Writes to the customer.',
      inputSchema,
      keys: ['orderId'],
      // Sending again would be a second mail; so nobody guesses, the outbox is asked.
      onUnknown: (_mail, { idempotencyKey }) => {
        const sent = outbox.find(idempotencyKey)
        return sent === undefined ? { kind: 'not_applied' } : { kind: 'applied', result: sent }
      },
      execute: (mail, { idempotencyKey }) => {
        if (!outbox.reaches(mail.to)) throw new NotAppliedError(`There is no mailbox '${mail.to}'.`)
        return outbox.send(mail, idempotencyKey)
      },
    }),
  )
}
