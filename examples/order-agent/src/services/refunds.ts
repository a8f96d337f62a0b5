import { randomBytes } from 'node:crypto'
import type { Journal, JournalLine } from '../journal.ts'
import type { Endpoint, Outcome } from './idempotent-api.ts'

/** Gives money back: to an order at most what it was charged. */
export function refunds(journal: Journal): Endpoint {
  return {
    path: '/v1/refunds',
    check: ({ cents, orderId }) => {
      if (!Number.isInteger(cents) || (cents as number) <= 0) return "Invalid integer: 'cents'."
      return typeof orderId === 'string' ? undefined : "Missing required param: 'orderId'."
    },
    act: (params) => ((params.cents as number) > refundable(journal, params.orderId) ? refused() : refunded(params)),
  }
}

function refundable(journal: Journal, orderId: unknown): number {
  const lines = journal.lines().filter((line) => line.orderId === orderId)
  return centsOf(lines, 'charge') - centsOf(lines, 'refund')
}

function centsOf(lines: readonly JournalLine[], event: string): number {
  const deeds = lines.filter((line) => line.event === event)
  return deeds.reduce((sum, { params }) => sum + (params as { readonly cents: number }).cents, 0)
}

function refunded({ orderId, cents }: JournalLine): Outcome {
  const id = `re_${randomBytes(9).toString('hex')}`
  return { event: 'refund', id, status: 200, body: { id, object: 'refund', orderId, cents } }
}

function refused(): Outcome {
  const error = { type: 'invalid_request_error', message: 'This is more than is left of what the order was charged.' }
  return { event: 'refused', status: 400, body: { error } }
}
