import { countOf, fieldsOf, partOf, reportedUsd } from './fields.ts'
import { splitInput, splitOutput } from './split-tokens.ts'
import { type Fields, makeReading, type UsageContext, type UsageReading } from './usage-reading.ts'

const INSIDE = ['cached_tokens', 'prompt_cache_hit_tokens', 'num_cached_tokens', 'cache_read_input_tokens']
/** OpenRouter's credits are dollars: openrouter.ai/docs/use-cases/usage-accounting, docs.perplexity.ai/api-reference. */
const REPORTS_DOLLARS = /^(?:open[-_]?router|perplexity)(?![a-z])/i

/**
 * Chat completions, completions and embeddings, of OpenAI and of the many hosts that speak like it. Cached tokens are
 * part of `prompt_tokens`; reasoning is part of `completion_tokens`, except where `total_tokens` says otherwise.
 */
export function readOpenaiChat(body: Fields, context: UsageContext): UsageReading | undefined {
  const usage = fieldsOf(body.usage ?? fieldsOf(body.x_groq).usage)
  const sides = sidesOf(usage, context)
  const prompt = fieldsOf(usage.prompt_tokens_details)
  const completion = fieldsOf(usage.completion_tokens_details)
  const output = splitOutput({
    total: (sides.output ?? 0) + sides.hidden,
    reasoning: Math.max(sides.hidden, partOf(completion.reasoning_tokens)),
    audio: partOf(completion.audio_tokens),
    image: partOf(completion.image_tokens),
  })
  const hasOutput = sides.output !== undefined || sides.hidden > 0
  return makeReading({
    usage: {
      ...(sides.input === undefined ? {} : inputOf(sides.input, usage, prompt)),
      ...(hasOutput ? output : {}),
      citation: partOf(usage.citation_tokens),
      webSearches: webSearches(usage),
    },
    complete: sides.input !== undefined && (hasOutput || sides.input === usage.total_tokens),
    model: body.model,
    serviceTier: body.service_tier,
    reported: reportedBy(context, usage),
  })
}

interface Sides {
  readonly input: number | undefined
  readonly output: number | undefined
  /** Output that is billed, and stands outside of `completion_tokens`. */
  readonly hidden: number
}

/**
 * xAI leaves reasoning out of `completion_tokens`, Google's compatible endpoint leaves thoughts out, Perplexity reports
 * both beside it: what the total has more than its two parts was output as well.
 */
function sidesOf(usage: Fields, { provider = '' }: UsageContext): Sides {
  const total = countOf(usage.total_tokens)
  const output = countOf(usage.completion_tokens)
  const told = countOf(usage.prompt_tokens)
  const input = told ?? (total === undefined || output === undefined ? undefined : Math.max(0, total - output))
  const beside = partOf(usage.reasoning_tokens)
  const isOutside = total === undefined && /^x-?ai\b/.test(provider)
  const unheard = isOutside ? partOf(fieldsOf(usage.completion_tokens_details).reasoning_tokens) : 0
  const more = (total ?? 0) - (input ?? 0) - (output ?? 0) - partOf(usage.citation_tokens)
  return { input, output, hidden: input === undefined ? 0 : Math.max(beside, unheard, more) }
}

function inputOf(total: number, usage: Fields, details: Fields): ReturnType<typeof splitInput> {
  let cached = 0
  for (const name of INSIDE) cached = Math.max(cached, partOf(details[name]), partOf(usage[name]))
  return splitInput({
    total,
    cached,
    ...writtenBeside(details, usage),
    audio: partOf(details.audio_tokens),
    image: partOf(details.image_tokens),
    video: partOf(details.video_tokens),
  })
}

/** LiteLLM tells in Anthropic's words what Claude wrote to its cache, as a part of the prompt or beside it. */
function writtenBeside(details: Fields, usage: Fields): ReturnType<typeof writtenOf> {
  const { written5m, written1h } = writtenOf(details)
  const split = fieldsOf(details.cache_creation_token_details ?? usage.cache_creation)
  const hour = Math.max(written1h, partOf(split.ephemeral_1h_input_tokens))
  const told = [details.cache_creation_tokens, usage.cache_creation_input_tokens].map(partOf)
  const minutes = partOf(split.ephemeral_5m_input_tokens)
  return { written5m: Math.max(written5m, minutes, ...told.map((all) => all - hour)), written1h: hour }
}

/** How long OpenAI keeps what it caches is told as 30 minutes or 12 hours. */
export function writtenOf(details: Fields): { readonly written5m: number; readonly written1h: number } {
  const written = partOf(details.cache_write_tokens)
  const long = Math.min(written, partOf(fieldsOf(details.cache_write_tokens_details).ttl_12h_tokens))
  return { written5m: written - long, written1h: long }
}

/** Of all others nobody knows the unit. */
function reportedBy({ provider = '' }: UsageContext, { cost }: Fields): UsageReading['reported'] {
  return REPORTS_DOLLARS.test(provider.trim())
    ? (reportedUsd(cost) ?? reportedUsd(fieldsOf(cost).total_cost))
    : undefined
}

function webSearches(usage: Fields): number {
  const tools = fieldsOf(usage.server_tool_use)
  return Math.max(partOf(usage.num_search_queries), partOf(tools.web_search_requests))
}
