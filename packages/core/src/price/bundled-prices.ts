import type { UsageUnit } from '../usage/token-usage.ts'
import { bundledAliases, type MatchLogic } from './bundled-aliases.ts'
import { withCacheWrites } from './cache-writes.ts'
import type { PriceBand, PriceEntry, PriceTime, RateStep } from './price-entry.ts'
import { parseTimeOfDay } from './price-time.ts'
import { highest, type Rates, rateFrom } from './rates.ts'

/** One provider of the data of `@pydantic/genai-prices`; only what is read here. */
export interface BundledProvider {
  readonly id: string
  readonly models: readonly BundledModel[]
}
export interface BundledModel {
  readonly id: string
  readonly match: MatchLogic
  readonly deprecated?: boolean
  readonly prices: BundledPrice | readonly { readonly constraint?: BundledTime; readonly prices: BundledPrice }[]
}
type BundledPrice = Readonly<Record<string, number | BundledTiers | undefined>>
interface BundledTiers {
  readonly base: number
  readonly tiers: readonly { readonly start: number; readonly price: number }[]
}
type BundledTime = { readonly start_date: string } | { readonly start_time: string; readonly end_time: string }

const MILLION = 1_000_000
const THOUSAND = 1_000
const HOUR_SECONDS = 3_600
/** Digits that a number of the data means; what comes after them is noise of its arithmetic. */
const DIGITS = 12

/** What the data calls a price, the unit that it is for, and how many of it. */
const PRICES: Readonly<Record<string, readonly [unit: UsageUnit, units: number]>> = {
  input_mtok: ['input', MILLION],
  cache_read_mtok: ['cacheRead', MILLION],
  cache_write_mtok: ['cacheWrite5m', MILLION],
  cache_write_1h_mtok: ['cacheWrite1h', MILLION],
  input_audio_mtok: ['inputAudio', MILLION],
  cache_audio_read_mtok: ['cacheReadAudio', MILLION],
  input_image_mtok: ['inputImage', MILLION],
  cache_image_read_mtok: ['cacheReadImage', MILLION],
  input_video_mtok: ['inputVideo', MILLION],
  output_mtok: ['output', MILLION],
  output_reasoning_mtok: ['reasoning', MILLION],
  output_citation_mtok: ['citation', MILLION],
  output_audio_mtok: ['outputAudio', MILLION],
  output_image_mtok: ['outputImage', MILLION],
  output_video_mtok: ['outputVideo', MILLION],
  requests_kcount: ['requests', THOUSAND],
  web_searches_kcount: ['webSearches', THOUSAND],
  storage_searches_kcount: ['fileSearches', THOUSAND],
  audio_hours: ['audioSeconds', HOUR_SECONDS],
  input_audio_hours: ['audioSeconds', HOUR_SECONDS],
  input_document_kpages: ['documentPages', THOUSAND],
  input_annotated_document_kpages: ['annotatedPages', THOUSAND],
}

const FREE: Rates = { input: 0n, output: 0n }
/** Groq bills at least ten seconds of each transcription: console.groq.com/docs/speech-to-text. */
const LEAST_AUDIO_SECONDS: Readonly<Record<string, number>> = { groq: 10 }

/** What the data says of a model; undefined where it says something that is not understood, or nothing. */
export function convertModel({ id: provider }: BundledProvider, model: BundledModel): PriceEntry | undefined {
  const given = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }]
  const bands = given.map(({ constraint, prices }) => convertBand(model.id, prices, constraint))
  const [first, ...rest] = bands.flatMap((band) => band ?? [])
  if (first === undefined || rest.length + 1 < bands.length) return undefined
  const least = LEAST_AUDIO_SECONDS[provider]
  return {
    provider,
    model: model.id,
    aliases: bundledAliases(model.match),
    source: 'bundled',
    bands: [first, ...rest],
    deprecated: model.deprecated ?? false,
    ...(least === undefined ? {} : { leastAudioSeconds: least }),
  }
}

function convertBand(model: string, prices: BundledPrice, time: BundledTime | undefined): PriceBand | undefined {
  const steps = convertSteps(model, prices)
  const when = time === undefined ? undefined : convertTime(time)
  if (steps === undefined || when === 'unknown') return undefined
  return when === undefined ? { steps } : { when, steps }
}

function convertSteps(model: string, prices: BundledPrice): PriceBand['steps'] | undefined {
  const given = Object.entries(prices).flatMap(([key, price]) => (price === undefined ? [] : [[key, price] as const]))
  if (!given.every(([, price]) => typeof price === 'number' || Array.isArray(price?.tiers))) return undefined
  // Nothing listed may mean free, not sold, or sold by other units; only a name that says so makes it free.
  if (given.length === 0) return model.endsWith(':free') ? [{ above: -1, rates: FREE }] : undefined
  const marks = given.flatMap(([, price]) => (typeof price === 'number' ? [] : price.tiers.map(({ start }) => start)))
  const steps = [-1, ...new Set(marks.toSorted((one, other) => one - other))].map((above): RateStep | undefined => {
    const rates = convertRates(given, above)
    return rates && { above, rates: withCacheWrites(model, rates) }
  })
  const [first, ...rest] = steps.flatMap((step) => step ?? [])
  return first === undefined || rest.length + 1 < steps.length ? undefined : [first, ...rest]
}

function convertRates(given: readonly (readonly [string, number | BundledTiers])[], above: number): Rates | undefined {
  const rates = given.map(([key, price]) => convertRate(key, priceAt(price, above)))
  if (rates.some((rate) => rate === undefined)) return undefined
  const known = rates.flatMap((rate) => (rate === undefined ? [] : [rate]))
  const units = new Set(known.map(([unit]) => unit))
  // Two names of one unit: the dearer one.
  return Object.fromEntries(
    [...units].map((unit) => [unit, highest(known.flatMap(([name, nano]) => (name === unit ? [nano] : [])))]),
  )
}

function priceAt(price: number | BundledTiers, above: number): number {
  if (typeof price === 'number') return price
  return (
    price.tiers.toSorted((one, other) => one.start - other.start).findLast(({ start }) => start <= above)?.price ??
    price.base
  )
}

function convertRate(key: string, price: number): readonly [UsageUnit, bigint] | undefined {
  const [unit, units] = PRICES[key] ?? []
  if (unit === undefined || units === undefined || !Number.isFinite(price) || price < 0) return undefined
  const rate = rateFrom(String(Number(price.toPrecision(DIGITS))), units)
  return rate === undefined ? undefined : [unit, rate]
}

function convertTime(time: BundledTime): PriceTime | 'unknown' {
  if ('start_date' in time) {
    const from = Date.parse(`${time.start_date}T00:00:00Z`)
    return Number.isNaN(from) ? 'unknown' : { from }
  }
  const start = parseTimeOfDay(time.start_time)
  const end = parseTimeOfDay(time.end_time)
  return start === undefined || end === undefined ? 'unknown' : { daily: { start, end } }
}
