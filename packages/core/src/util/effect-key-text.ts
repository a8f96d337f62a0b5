import { keyDigest } from './key-digest.ts'

/** What follows the name of a lane in those of the works and of the reads in it: no other name has them. */
const WORK_MARK = '<'
const READ_MARK = '>'
/** The character after both: what is below a lane stands together in their order. */
const AFTER_MARKS = '?'
const MARKS = /[<>]/
const LANE_BYTES = 16
const HASH_BYTES = 32
const TEXT = /^(_?)([0-9a-z]{1,11})\.([\w-]{43})$/

/** An effect's key as people and URLs hold it: `<owner, base 36>.<hash>`, a negative owner with `_` before it. */
export function formatEffectKey(ownerSeq: number, key: Buffer): string {
  const sign = ownerSeq < 0 ? '_' : ''
  return `${sign}${Math.abs(ownerSeq).toString(36)}.${key.toString('base64url')}`
}

/** Reads what `formatEffectKey` wrote; anything else is undefined. */
export function parseEffectKey(text: string): { ownerSeq: number; key: Buffer } | undefined {
  const [, sign, owner = '', hash = ''] = TEXT.exec(text) ?? []
  const size = Number.parseInt(owner, 36)
  const key = Buffer.from(hash, 'base64url')
  if (!Number.isSafeInteger(size) || key.length !== HASH_BYTES) return undefined
  const ownerSeq = sign ? -size : size
  // One key, one text: leading zeros and stray bits in the last character are somebody else's spelling.
  return formatEffectKey(ownerSeq, key) === text ? { ownerSeq, key } : undefined
}

/** What a tool hands to the outside: url-safe, at most 64 characters, the same for all attempts of a generation. */
export function downstreamKey(key: Buffer, generation: number): string {
  return `hf_${keyDigest('downstream', key.toString('hex'), String(generation)).toString('base64url')}`
}

/** What a compensation hands to the outside: its own, and the same however often it is repeated. */
export function compensationKey(key: Buffer, generation: number): string {
  return `hfc_${keyDigest('compensate', key.toString('hex'), String(generation)).toString('base64url')}`
}

/** The lane in which the body of an effect runs: what it starts is ordered there. */
export function laneOfBody(parentLane: string, key: Buffer, generation: number): string {
  const hash = keyDigest('lane', parentLane, key.toString('hex'), String(generation))
  return hash.subarray(0, LANE_BYTES).toString('base64url')
}

/** The lane of a read's body: its name begins with that of the lane that the read stands in. */
export function readLaneName(parentLane: string, key: Buffer, ordinal: number): string {
  return `${parentLane}${READ_MARK}${readPart(key)}.${ordinal}`
}

/** The lane of work that is recorded as a whole, as that of a read: the function of a value, the sender of a call. */
export function workLaneName(parentLane: string, key: Buffer, ordinal: number): string {
  return `${parentLane}${WORK_MARK}${readPart(key)}.${ordinal}`
}

/** Tells the works around a lane within its body, outermost first; empty where there is none. */
export function worksAround(lane: string): string {
  return lane.match(/<[^<>]*/g)?.join('') ?? ''
}

/** How a read or a work of this key is told apart in the names of the lanes below it. */
export function readPart(key: Buffer): string {
  return key.toString('base64url')
}

/** The names of the lanes of reads and works below a lane, at whatever depth: `from` and above, below `to`. */
export function lanesBelow(lane: string): { readonly from: string; readonly to: string } {
  return { from: lane + WORK_MARK, to: lane + AFTER_MARKS }
}

/** The same of the works alone, and of what is below them. */
export function workLanesBelow(lane: string): { readonly from: string; readonly to: string } {
  return { from: lane + WORK_MARK, to: `${lane}=` }
}

/** Whether a lane is within a read that is below `lane`. */
export function isThroughRead(lane: string, below: string): boolean {
  return below.includes(READ_MARK, lane.length)
}

/** The body, or the root, in which a lane is, through whatever reads and works. */
export function bodyOf(lane: string): string {
  return lane.split(MARKS, 1)[0] ?? ''
}

/** The read or work of `lane`, and its ordinal, through which a lane below it is reached. */
export function leadingTo(lane: string, below: string): string {
  return below.slice(lane.length + 1).split(MARKS, 1)[0] ?? ''
}
