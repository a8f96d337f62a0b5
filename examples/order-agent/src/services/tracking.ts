import type { Journal } from '../journal.ts'
import { invalid, type JsonAnswer, type JsonRequest } from './json-server.ts'

const PARCEL_OF = /^\/v1\/parcels\/(\w+)$/

/** Whether this asks where a parcel is. */
export function isTracking({ method, path }: JsonRequest): boolean {
  return method === 'GET' && PARCEL_OF.test(path)
}

/** Where the parcel of an order is: under way, today as ever. */
export function track(journal: Journal, { path, headers }: JsonRequest): JsonAnswer {
  const orderId = PARCEL_OF.exec(path)?.[1]
  journal.append({ event: 'tracked', orderId, client: headers['user-agent'] })
  const booked = journal.lines().find((line) => line.event === 'shipment' && line.orderId === orderId)
  if (booked === undefined) return invalid(`There is no parcel of order ${orderId}.`, 404)
  const { tracking } = booked.body as { readonly tracking: string }
  return { status: 200, body: { tracking, status: 'in transit' } }
}
