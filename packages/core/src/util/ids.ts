import { randomUUID } from 'node:crypto'

/** Makes ids that are unique everywhere; injected, so that tests and cassettes can fix them. */
export type Ids = () => string

const TIME_DIGITS = 12

/**
 * A UUIDv7 (RFC 9562): it sorts by the millisecond in which it was made, so that new rows land on the same page.
 */
export const randomId: Ids = () => {
  const time = Date.now().toString(16).padStart(TIME_DIGITS, '0')
  // From 15 on: what follows the version digit of a random UUID, variant bits included.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
