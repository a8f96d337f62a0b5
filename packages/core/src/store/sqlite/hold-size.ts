import type { HoldTerms } from '../limit-records.ts'

const MILLION = 1_000_000

/** What is asked for when the output may have that many tokens, in nano-USD: rounded up once. Throws above $9,007,199. */
export function nanoFor({ inputNano, outputRate }: HoldTerms, outputTokens: number): number {
  // In two parts, so that no product leaves the safe integers before the sum does.
  const whole = Math.floor(outputRate / MILLION) * outputTokens
  const nano = inputNano + whole + Math.ceil(((outputRate % MILLION) * outputTokens) / MILLION)
  if (!Number.isSafeInteger(nano)) throw new RangeError(`A hold of ${nano} nano-USD is more than can be counted`)
  return nano
}

/**
 * The most tokens of output that cost no more than the room, at most `most`; -1 where not even none do. What costs
 * nothing fits into any room, however far below nothing that is.
 */
export function outputWithin(hold: HoldTerms, roomNano: number, most: number): number {
  const { inputNano, outputRate } = hold
  if (outputRate === 0) return inputNano === 0 || inputNano <= roomNano ? most : -1
  if (nanoFor(hold, most) <= roomNano) return most
  const fits = Number((BigInt(roomNano - inputNano) * BigInt(MILLION)) / BigInt(outputRate))
  return roomNano >= inputNano ? Math.min(fits, most) : inputNano === 0 ? 0 : -1
}

/** The same for a room of tokens. */
export function outputTokensWithin({ inputTokens }: HoldTerms, room: number, most: number): number {
  if (room >= inputTokens) return Math.min(room - inputTokens, most)
  return inputTokens === 0 ? 0 : -1
}
