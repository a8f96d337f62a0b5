import { randomBytes } from 'node:crypto'
import type { JournalLine } from '../journal.ts'
import type { Endpoint, Outcome } from './idempotent-api.ts'

/** The card that every bank declines. */
export const DECLINED_CARD = 'card_declined'

/** Charges a card. */
export const charges: Endpoint = {
  path: '/v1/charges',
  check: ({ cents, card }) => {
    if (!Number.isInteger(cents) || (cents as number) <= 0) return "Invalid integer: 'cents'."
    return typeof card === 'string' ? undefined : "Missing required param: 'card'."
  },
  act: (params) => (params.card === DECLINED_CARD ? declined() : charged(params)),
}

function charged(params: JournalLine): Outcome {
  const id = `ch_${randomBytes(9).toString('hex')}`
  const { cents, card, description } = params
  return { event: 'charge', id, status: 200, body: { id, object: 'charge', cents, card, description, paid: true } }
}

function declined(): Outcome {
  const error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' }
  return { event: 'declined', status: 402, body: { error } }
}
