import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { Order } from '../orders.ts'
import { type Conversation, conversation } from './conversation.ts'
import { lastWords, statementText, thanks } from './wording.ts'

/** What the model does next: call a tool, or say its last words. */
export type Decision =
  | {
      readonly kind: 'call'
      readonly orderId: string
      readonly tool: string
      readonly args: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'say'; readonly orderId: string; readonly text: string }

/**
 * Plays the model: it knows nothing but the conversation, and decides from it. `variant` picks the words, as
 * a temperature above zero would: the same question asked twice is answered with other words.
 */
export function decide(messages: readonly ChatCompletionMessageParam[], variant: number): Decision {
  const talk = conversation(messages)
  const { orderId } = talk
  if (talk.failure !== undefined) return { kind: 'say', orderId, text: `I stopped: ${talk.failure}` }
  const order = talk.results.get('find-order') as Order | undefined
  if (order === undefined) return { kind: 'call', orderId, tool: 'find-order', args: { orderId } }
  const step = steps(talk, order, variant).find(({ tool }) => !talk.results.has(tool))
  if (step !== undefined) return { kind: 'call', orderId, ...step }
  return { kind: 'say', orderId, text: lastWords(order, trackingOf(talk), variant) }
}

interface Step {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
}

function steps(talk: Conversation, order: Order, variant: number): readonly Step[] {
  const { id: orderId, card, totalCents, line, customer } = order
  const mail = thanks(order, trackingOf(talk), variant)
  return [
    { tool: 'take-stock', args: { orderId, sku: line.sku, quantity: line.quantity } },
    { tool: 'charge-card', args: { orderId, card, cents: totalCents, description: statementText(order, variant) } },
    { tool: 'book-shipping', args: { orderId, address: customer.address } },
    { tool: 'send-mail', args: { orderId, to: customer.email, ...mail } },
  ]
}

function trackingOf(talk: Conversation): string {
  const shipment = talk.results.get('book-shipping') as { readonly tracking?: string } | undefined
  return shipment?.tracking ?? ''
}
