import { checkOptionNames } from '../errors/option-names.ts'
import { USAGE_UNITS } from '../usage/token-usage.ts'
import { type ModelPrice, PRICE_DEFAULTS } from './model-price.ts'
import { parseRates, shown, wrongPrice } from './parse-rates.ts'
import { type BaseRates, parseServices, parseSteps } from './parse-tiers.ts'
import type { PriceBand, PriceEntry, PriceSourceName, PriceTime } from './price-entry.ts'
import { parseTimeOfDay } from './price-time.ts'

const TERMS = ['per', 'tiers', 'serviceTiers', 'aliases', 'from', 'between']
const KNOWN: readonly string[] = [...TERMS, ...USAGE_UNITS]
const PER = [1, 1_000, 1_000_000]

interface PriceName {
  readonly provider: string
  readonly model: string
  readonly source: PriceSourceName
}

/** Reads what somebody wrote as the price of a model; `where` is how to find it. Throws `ConfigError`. */
export function parsePrice(where: string, given: unknown, name: PriceName): PriceEntry {
  const list = Array.isArray(given) ? given : [given]
  const bands = list.map((one, index) =>
    parseBand(Array.isArray(given) ? `${where}[${index}]` : where, one, name.model),
  )
  const [first, ...rest] = bands
  if (first === undefined) throw wrongPrice(where, 'is an empty list', 'Write { input: 3, output: 15 }.')
  return {
    ...name,
    aliases: (list as readonly ModelPrice[]).flatMap(({ aliases = [] }) => aliases),
    bands: [first, ...rest],
    deprecated: false,
  }
}

function parseBand(where: string, given: unknown, model: string): PriceBand {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrongPrice(where, `is ${shown(given)}, which is no price`, 'Write { input: 3, output: 15 }.')
  checkOptionNames(where, given, KNOWN)
  const price = given as ModelPrice
  const per = price.per ?? PRICE_DEFAULTS.per
  if (!PER.includes(per)) throw wrongPrice(`${where}.per`, `is ${shown(per)}`, 'Write 1_000_000, 1_000 or 1.')
  checkAliases(where, price.aliases)
  const base = parseRates(where, price, per)
  if (Object.keys(base).length === 0)
    throw wrongPrice(where, 'names no rate', 'Write { input: 3, output: 15 }, or zeros for what is free.')
  const when = parseTime(where, price)
  const rates: BaseRates = { model, per, base }
  const steps = parseSteps(`${where}.tiers`, price.tiers, rates)
  const services = parseServices(`${where}.serviceTiers`, price.serviceTiers, rates)
  return { ...(when === undefined ? {} : { when }), steps, ...(services.size === 0 ? {} : { services }) }
}

function checkAliases(where: string, aliases: unknown): void {
  if (aliases === undefined) return
  if (Array.isArray(aliases) && aliases.every((alias) => typeof alias === 'string' && alias !== '')) return
  throw wrongPrice(`${where}.aliases`, 'is no list of names', "Write ['our-model'].")
}

function parseTime(where: string, { from, between }: ModelPrice): PriceTime | undefined {
  if (from === undefined && between === undefined) return undefined
  return {
    ...(from === undefined ? {} : { from: parseFrom(`${where}.from`, from) }),
    ...(between === undefined ? {} : { daily: parseDaily(`${where}.between`, between) }),
  }
}

function parseFrom(where: string, from: unknown): number {
  const time = from instanceof Date ? from.getTime() : typeof from === 'string' ? Date.parse(from) : Number.NaN
  if (Number.isNaN(time)) throw wrongPrice(where, `is ${shown(from)}, which is no time`, "Write '2026-12-01'.")
  return time
}

function parseDaily(where: string, between: unknown): { start: number; end: number } {
  const [start, end] = Array.isArray(between) ? between.map((text) => parseTimeOfDay(String(text))) : []
  if (start === undefined || end === undefined || start === end)
    throw wrongPrice(where, `is ${shown(between)}, which are no hours`, "Write ['16:30', '00:30'], in UTC.")
  return { start, end }
}
