import { keyDigest } from './key-digest.ts'

/** What follows the name of a lane in those of the reads in it, and the character after that: no other name has them. */
const READ_MARK = '>'
const AFTER_READ_MARK = '?'
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

/** How a read of this key is told apart in the names of the lanes below it. */
export function readPart(key: Buffer): string {
  return key.toString('base64url')
}

/** The names of the lanes of reads below a lane, at whatever depth: `from` and above, below `to`. */
export function readLanesBelow(lane: string): { readonly from: string; readonly to: string } {
  return { from: lane + READ_MARK, to: lane + AFTER_READ_MARK }
}

/** The body, or the root, in which a lane is, through whatever reads. */
export function bodyOf(lane: string): string {
  return lane.split(READ_MARK, 1)[0] ?? ''
}

/** The read of `lane`, and its ordinal, through which a lane below it is reached. */
export function readLeadingTo(lane: string, below: string): string {
  return below.slice(lane.length + READ_MARK.length).split(READ_MARK, 1)[0] ?? ''
}
