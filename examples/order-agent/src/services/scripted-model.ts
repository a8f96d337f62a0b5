import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { Order } from '../orders.ts'
import { type Conversation, conversation } from './conversation.ts'
import { apology, DRAFT, lastWords, lastWordsOfRefund, refundReason, statementText, thanks } from './wording.ts'

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
  if (talk.wants === 'draft') return { kind: 'say', orderId, text: DRAFT }
  // A model that is stuck: the parcel is under way, and it asks again, whatever it is told.
  if (talk.wants === 'arrival') return { kind: 'call', orderId, tool: 'track-parcel', args: { orderId } }
  const order = talk.results.get('find-order') as Order | undefined
  if (order === undefined) return { kind: 'call', orderId, tool: 'find-order', args: { orderId } }
  const { steps, words } = talk.wants === 'refund' ? refund(order, variant) : fulfilment(talk, order, variant)
  const step = steps.find(({ tool }) => !talk.results.has(tool))
  if (step !== undefined) return { kind: 'call', orderId, ...step }
  return { kind: 'say', orderId, text: words }
}

/** What a job takes, in order, and what there is to say when it is done. */
interface Course {
  readonly steps: readonly Step[]
  readonly words: string
}

interface Step {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
}

function fulfilment(talk: Conversation, order: Order, variant: number): Course {
  const { id: orderId, card, totalCents, line, customer } = order
  const tracking = trackingOf(talk)
  return {
    steps: [
      { tool: 'take-stock', args: { orderId, sku: line.sku, quantity: line.quantity } },
      { tool: 'charge-card', args: { orderId, card, cents: totalCents, description: statementText(order, variant) } },
      { tool: 'book-shipping', args: { orderId, address: customer.address } },
      { tool: 'send-mail', args: { orderId, to: customer.email, ...thanks(order, tracking, variant) } },
    ],
    words: lastWords(order, tracking, variant),
  }
}

function refund(order: Order, variant: number): Course {
  const { id: orderId, totalCents: cents, customer } = order
  return {
    steps: [
      { tool: 'refund-card', args: { orderId, cents, reason: refundReason(order, variant) } },
      { tool: 'send-mail', args: { orderId, to: customer.email, ...apology(order, variant) } },
    ],
    words: lastWordsOfRefund(order, variant),
  }
}

function trackingOf(talk: Conversation): string {
  const shipment = talk.results.get('book-shipping') as { readonly tracking?: string } | undefined
  return shipment?.tracking ?? ''
}
