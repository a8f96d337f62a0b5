import type { Order } from '../orders.ts'

const GREETINGS = ['Hello', 'Hi', 'Dear', 'Good day'] as const
const THANKS = ['thank you for your order', 'thanks for ordering from us', 'many thanks for your order'] as const

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

/** What the agent says when all is done. */
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
