import type { CacheControl } from '../usage/cache-control.ts'
import {
  COUNT_UNITS,
  type CountUnit,
  INPUT_UNITS,
  type InputUnit,
  OUTPUT_UNITS,
  type UsageUnit,
} from '../usage/token-usage.ts'
import type { Usd } from '../usd.ts'
import { isClaude } from './cache-writes.ts'
import { roundedUp } from './cost.ts'
import { effectiveRate, type Terms } from './effective-rates.ts'
import type { PriceEntry, RateStep } from './price-entry.ts'
import { highest } from './rates.ts'

/** What is known of a call before it is sent. */
export interface CallBound {
  /** At most, of all kinds. */
  readonly inputTokens: number
  /** What the request says; absent: what the provider's settings say. */
  readonly serviceTier?: string
  /** The latest time at which it may start, epoch milliseconds. @default the time of the price */
  readonly until?: number
  /** What besides text may be in the request. @default all that the model has a rate for */
  readonly media?: readonly Media[]
  /** For how long the request asks Claude to cache what it sends; other models need not be asked. @default '1h' */
  readonly cacheControl?: CacheControl
  /** Where the request says so, such as `us`. @default the dearest */
  readonly region?: string
  /** At most so many of what is counted, but is no token. */
  readonly counts?: { readonly [unit in CountUnit]?: number }
}

export type Media = 'audio' | 'image' | 'video'

/** The most that a call can cost: `inputNano`, and for each token of output a millionth of `outputRate`. */
export interface CostBound {
  /** Everything but the output, rounded up. */
  readonly inputNano: Usd
  /** nano-USD for a million tokens of output, whatever kind; what could not even be counted is the most that can. */
  readonly outputRate: number
  /** What this model bills and nobody bounded: with them, it can cost more. */
  readonly unbounded: readonly CountUnit[]
}

const MEDIA_UNITS: Readonly<Partial<Record<InputUnit, Media>>> = {
  inputAudio: 'audio',
  cacheReadAudio: 'audio',
  inputImage: 'image',
  cacheReadImage: 'image',
  inputVideo: 'video',
}
/** What the request itself is made of; all other counts are of tools, which the request has or has not. */
const OF_REQUEST: readonly CountUnit[] = ['audioSeconds', 'documentPages', 'annotatedPages']

/** Beyond this a rate could not even be counted. */
const MOST_RATE = BigInt(Number.MAX_SAFE_INTEGER)

/** The dearest of all that can become of a call: of each term one, of each term every context tier that it can reach. */
export function boundOf(entry: PriceEntry, call: CallBound, terms: readonly Terms[]): CostBound {
  const cases = terms.flatMap((one) => {
    return one.band.steps.filter(({ above }) => call.inputTokens >= above).map((step) => ({ step, terms: one }))
  })
  const rateAt = (unit: UsageUnit) =>
    highest(cases.flatMap(({ step, terms: one }) => effectiveRate(step, unit, one)?.nano ?? []))
  const inputRate = highest(INPUT_UNITS.filter((unit) => mayBe(unit, entry, call)).map(rateAt))
  const counts = COUNT_UNITS.map((unit) => BigInt(countAtMost(entry, call, unit)) * rateAt(unit))
  const amount = counts.reduce((sum, one) => sum + one, BigInt(call.inputTokens) * inputRate)
  return {
    inputNano: roundedUp(amount),
    outputRate: Number(lower(highest(OUTPUT_UNITS.map(rateAt)), MOST_RATE)),
    unbounded: OF_REQUEST.filter((unit) => call.counts?.[unit] === undefined && cases.some(isBilled(unit))),
  }
}

/** Text always; media if there are any; writes to a cache where this model makes them, asked or unasked. */
function mayBe(unit: InputUnit, { model }: PriceEntry, { media, cacheControl = '1h' }: CallBound): boolean {
  const kind = MEDIA_UNITS[unit]
  if (kind !== undefined) return media === undefined || media.includes(kind)
  if (!isClaude(model)) return true
  if (unit === 'cacheWrite1h') return cacheControl === '1h'
  return unit !== 'cacheWrite5m' || cacheControl !== 'none'
}

function countAtMost(entry: PriceEntry, { counts = {} }: CallBound, unit: CountUnit): number {
  const count = counts[unit] ?? (unit === 'requests' ? 1 : 0)
  return unit === 'audioSeconds' && count > 0 ? Math.max(count, entry.leastAudioSeconds ?? 0) : count
}

function isBilled(unit: CountUnit): (one: { readonly step: RateStep }) => boolean {
  return ({ step }) => (step.rates[unit] ?? 0n) > 0n
}

function lower(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
