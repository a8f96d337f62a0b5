import { randomBytes } from 'node:crypto'
import type { JournalLine } from '../journal.ts'
import type { Endpoint, Outcome } from './idempotent-api.ts'

/** Where no parcel goes. */
const OUT_OF_REACH = 'Antarctica'

/** Books a parcel. */
export const shipments: Endpoint = {
  path: '/v1/shipments',
  check: ({ address }) => (typeof address === 'string' ? undefined : "Missing required param: 'address'."),
  act: (params) => (String(params.address).includes(OUT_OF_REACH) ? refused() : booked(params)),
}

/** Calls a parcel back. */
export const recalls: Endpoint = {
  path: '/v1/recalls',
  check: ({ shipment }) => (typeof shipment === 'string' ? undefined : "Missing required param: 'shipment'."),
  act: ({ shipment }) => {
    const id = `rcl_${randomBytes(8).toString('hex')}`
    return { event: 'recall', id, status: 200, body: { id, object: 'recall', shipment } }
  },
}

function booked({ address }: JournalLine): Outcome {
  const id = `shp_${randomBytes(8).toString('hex')}`
  const tracking = `HF${randomBytes(5).toString('hex').toUpperCase()}`
  return { event: 'shipment', id, status: 200, body: { id, object: 'shipment', tracking, address } }
}

function refused(): Outcome {
  const error = { type: 'invalid_request_error', message: `We do not deliver to ${OUT_OF_REACH}.` }
  return { event: 'refused', status: 422, body: { error } }
}
