import { NotSupportedError } from '../../errors/not-supported-error.ts'

/** How many numbers each run, or scope, has for its entries, answers and calls. */
const SPAN = 2 ** 24
/** From here on an id would no longer be a safe integer. */
const MAX_SEQ = 2 ** 29

/**
 * Rows that belong to a run and are numbered in it have one integer as their key: owner * 2^24 + number. One
 * append-only b-tree holds them all, a run's rows lie together, its next number is one seek, and the primary key
 * itself keeps the numbers unique. Scopes have negative numbers; the arithmetic is the same.
 */
export function packId(ownerSeq: number, number: number): number {
  if (Math.abs(ownerSeq) >= MAX_SEQ) throw new NotSupportedError('A ledger of more than 500 million runs', ADVICE)
  if (number >= SPAN) throw new NotSupportedError('More than 16 million entries, answers or calls of one run', ADVICE)
  return ownerSeq * SPAN + number
}

const ADVICE = 'Start a new ledger file, or split the work into child runs.'

/** Where the owner's rows begin; its first is one above. */
export const firstId = (ownerSeq: number): number => ownerSeq * SPAN
/** The highest id that the owner's rows can have. */
export const lastId = (ownerSeq: number): number => ownerSeq * SPAN + SPAN - 1
export const ownerOf = (id: number): number => Math.floor(id / SPAN)
export const numberOf = (id: number): number => id - ownerOf(id) * SPAN
