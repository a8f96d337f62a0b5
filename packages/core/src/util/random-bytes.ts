import { randomFillSync } from 'node:crypto'

/** Bytes that nobody can foresee: for what must be unique and secret, where jitter and ids need neither. */
export function randomBytes(count: number): Uint8Array {
  return randomFillSync(new Uint8Array(count))
}
