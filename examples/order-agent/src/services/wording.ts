import type { Order } from '../orders.ts'

const GREETINGS = ['Hello', 'Hi', 'Dear', 'Good day'] as const
const THANKS = ['thank you for your order', 'thanks for ordering from us', 'many thanks for your order'] as const

/** A letter of thanks. Always the same, so that two of them cost the same. */
export const DRAFT =
  'Dear customer, thank you for your order. It was packed by hand this morning, and the carrier has it by now.'

/** What the customer will read on the card's statement. */
export function statementText({ id, line }: Order, variant: number): string {
  const article = `${line.quantity} x ${line.title}`
  return pick([`Order ${id}: ${article}`, `${article} (order ${id})`, `Your order ${id}, ${article}`], variant)
}

/** The mail to the customer. */
export function thanks(
  { id, customer, line }: Order,
  tracking: string,
  variant: number,
): { subject: string; text: string } {
  const subject = pick([`Order ${id} is on its way`, `Your order ${id} has left us`], variant)
  const text = `${pick(GREETINGS, variant)} ${customer.name}, ${pick(THANKS, variant)}: ${line.title}. Follow it with ${tracking}.`
  return { subject, text }
}

/** What the customer will read beside the money that comes back. */
export function refundReason({ id, line }: Order, variant: number): string {
  return pick([`Order ${id} arrived broken`, `${line.title} broken on arrival (order ${id})`], variant)
}

/** The mail to a customer who gets the money back. */
export function apology({ id, customer, line }: Order, variant: number): { subject: string; text: string } {
  const subject = pick([`Your money for order ${id}`, `Order ${id}: we are sorry`], variant)
  const text = `${pick(GREETINGS, variant)} ${customer.name}, your ${line.title} should not have arrived broken. The money is on its way back.`
  return { subject, text }
}

/** What the agent says when an order is refunded. */
export function lastWordsOfRefund({ id, customer }: Order, variant: number): string {
  return pick([`${customer.name} has the money for order ${id} back.`, `Order ${id} is refunded.`], variant)
}

/** What the agent says when an order is on its way. */
export function lastWords({ id, customer }: Order, tracking: string, variant: number): string {
  return pick(
    [
      `Order ${id} is paid and on its way to ${customer.name} (${tracking}).`,
      `Done: order ${id} was charged and shipped to ${customer.name}, tracking code ${tracking}.`,
      `${customer.name}'s order ${id} is fulfilled; it travels as ${tracking}.`,
    ],
    variant,
  )
}

function pick(wordings: readonly string[], variant: number): string {
  return wordings[variant % wordings.length] ?? ''
}
