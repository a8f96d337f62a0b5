import type { UsageUnit } from '../usage/token-usage.ts'
import { parseDecimal, powerOfTen } from '../usd/decimal.ts'
import type { Factor, PriceBand, ServiceTerms } from './price-entry.ts'

/** What standard prices are for. */
const STANDARD = new Set(['', 'standard', 'default', 'standard-only', 'not-available'])
/** Capacity that was paid for in advance: its tokens have no other price. */
const PREPAID = new Set(['scale', 'provisioned-throughput', 'reserved'])
/** Tiers that may turn out to be served as standard ones, and then cost as much. */
const CERTAIN = new Set(['batch', 'batches'])

/** Models that are served without a choice of region. */
const BEFORE_REGIONS = /^claude-(v1|2|3)|^claude-[a-z]+-4(-[0-5])?(-20\d{6})?$/

const ONE: Factor = { over: 1n, under: 1n }
const AS_STANDARD: ServiceTerms = { factor: ONE }

interface Exception {
  readonly tiers: readonly string[]
  readonly models: RegExp
  readonly factor: Factor
  /** Only these units; the others have the factor of the provider. */
  readonly units?: readonly UsageUnit[]
}

interface ProviderTiers {
  readonly tiers: Readonly<Record<string, Factor>>
  readonly exceptions?: readonly Exception[]
}

const HALF: Factor = { over: 1n, under: 2n }
const FAST = ['priority', 'fast']

/**
 * Published factors on the rates of tokens, checked in November 2026. Where a provider has several for one tier, the
 * dearest is the rule and the others are exceptions by model, so that a new model is never taken for too cheap.
 */
const PROVIDERS: Readonly<Record<string, ProviderTiers>> = {
  // Priority is called fast since July 2026: openai.com/api-fast-mode, developers.openai.com/api/docs/pricing.
  openai: {
    tiers: { flex: HALF, batch: HALF, priority: times('2.5'), fast: times('2.5'), ultrafast: times('6') },
    exceptions: [
      { tiers: FAST, models: /^gpt-5(\.[123])?(-\d{4}|-chat|-codex(?!-mini)|$)/, factor: times('2') },
      { tiers: FAST, models: /^gpt-4\.1-nano|^gpt-5\.4(-mini|-\d{4}|$)|^gpt-5\.6/, factor: times('2') },
      { tiers: FAST, models: /^gpt-5-mini|^gpt-5\.1-codex-mini/, factor: times('1.8') },
      { tiers: FAST, models: /^o4-mini/, factor: { over: 20n, under: 11n } },
      { tiers: FAST, models: /^gpt-4\.1(-mini)?(-\d|$)|^o3(-\d|$)|^gpt-4o-2024-05-13/, factor: times('1.75') },
      { tiers: FAST, models: /^gpt-4o(-2024-(08|11)-\d\d|$)/, factor: times('1.7') },
      { tiers: FAST, models: /^gpt-4o-mini(-\d|$)/, factor: { over: 5n, under: 3n } },
      // $0.13 where a half of $0.25 would be $0.125.
      { tiers: ['flex'], models: /^gpt-5\.4(-\d|$)/, factor: times('0.52'), units: ['cacheRead'] },
    ],
  },
  // 2 times up to GPT-5.4, 2.5 times from GPT-5.5 on: azure.microsoft.com/pricing/details/azure-openai.
  azure: {
    tiers: { batch: HALF, priority: times('2.5'), fast: times('2.5') },
    exceptions: [{ tiers: FAST, models: /^gpt-5\.[1-4](-|$)/, factor: times('2') }],
  },
  // Batches and fast mode: platform.claude.com/docs/en/about-claude/pricing. Priority is capacity paid in advance.
  anthropic: {
    tiers: { batch: HALF, priority: ONE, fast: times('6') },
    exceptions: [{ tiers: ['fast'], models: /^claude-opus-(4-8|5)(-20\d{6})?$/, factor: times('2') }],
  },
  // Priority is 75 % to 100 % more: ai.google.dev/gemini-api/docs/optimization; 80 % for the models that are named here.
  google: {
    tiers: { flex: HALF, batch: HALF, priority: times('2') },
    exceptions: [
      { tiers: ['priority'], models: /^gemini-3(\.1)?-pro-preview|^gemini-3(\.[56])?-flash/, factor: times('1.8') },
      { tiers: ['priority'], models: /^gemini-3\.1-flash-lite(-preview|$)/, factor: times('1.8') },
      // $0.02 where a half of $0.03 would be $0.015.
      { tiers: ['flex'], models: /^gemini-3\.5-flash-lite/, factor: { over: 2n, under: 3n }, units: ['cacheRead'] },
    ],
  },
  // A premium of 75 %, a discount of half: aws.amazon.com/bedrock/pricing.
  aws: { tiers: { flex: HALF, batch: HALF, priority: times('1.75') } },
  // Flex costs what on-demand does, batches a half: console.groq.com/docs/flex-processing, console.groq.com/docs/batch.
  groq: { tiers: { flex: ONE, batch: HALF } },
  // docs.mistral.ai/capabilities/batch.
  mistral: { tiers: { batch: HALF } },
}

const DEAREST = dearestOf(Object.keys(PROVIDERS))

/** `ON_DEMAND_PRIORITY`, `Priority` and `priority` are one tier; `auto` and no tier are what the provider's settings say. */
export function tierName(tier: string | undefined): string {
  const name = (tier ?? '')
    .trim()
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^on-demand-?/, '')
  return STANDARD.has(name) ? 'standard' : name
}

/** What a tier makes of the rates of a model. A tier that nobody knows is taken for the dearest that is known. */
export function serviceTerms(band: PriceBand, provider: string, model: string, tier: string): ServiceTerms {
  const own = band.services?.get(tier)
  if (own !== undefined) return own
  if (tier === 'standard' || PREPAID.has(tier)) return AS_STANDARD
  const { tiers, exceptions = [] } = PROVIDERS[provider] ?? { tiers: {} }
  const factor = tiers[tier]
  // A discount that is not published for this provider is none.
  if (factor === undefined) return tier === 'flex' || CERTAIN.has(tier) ? AS_STANDARD : { factor: DEAREST }
  const named = exceptions.filter(({ tiers: names, models }) => names.includes(tier) && models.test(model))
  const whole = named.find(({ units }) => units === undefined)
  const units = named.flatMap((one) => (one.units ?? []).map((unit) => [unit, one.factor] as const))
  return { factor: whole?.factor ?? factor, ...(units.length === 0 ? {} : { units: Object.fromEntries(units) }) }
}

/** All that can become of a request for a tier: where there is no room in it, it may be served as a standard one. */
export function servedTiers(tier: string): readonly string[] {
  return tier === 'standard' || CERTAIN.has(tier) ? [tier] : [tier, 'standard']
}

/** US-only inference costs a tenth more from Claude 4.6 on: platform.claude.com/docs/en/about-claude/pricing. */
export function regionFactor(provider: string, model: string, region: string | undefined): Factor {
  const isUs = provider === 'anthropic' && region?.toLowerCase() === 'us'
  return isUs && !BEFORE_REGIONS.test(model) ? times('1.1') : ONE
}

/** The factor that a decimal is. Throws a `RangeError` for what is none. */
export function times(factor: string): Factor {
  const decimal = parseDecimal(factor)
  if (decimal === undefined) throw new RangeError(`${factor} is no factor`)
  return { over: decimal.digits, under: powerOfTen(decimal.places) }
}

function dearestOf(providers: readonly string[]): Factor {
  const factors = providers.flatMap((name) => {
    const { tiers, exceptions = [] } = PROVIDERS[name] ?? { tiers: {} }
    return [...Object.values(tiers), ...exceptions.map(({ factor }) => factor)]
  })
  return factors.reduce((most, factor) => (factor.over * most.under > most.over * factor.under ? factor : most), ONE)
}
