import { countOf, fieldsOf, itemsOf, partOf } from './fields.ts'
import { splitOutput } from './split-tokens.ts'
import type { TokenUsage } from './token-usage.ts'
import { type Fields, makeReading, type ReadParts, type UsageReading } from './usage-reading.ts'

/** A step of a message that the message's own counts include. */
const OWN_STEP = 'message'

/** Messages. `input_tokens` is what neither came from the cache nor went into it; thinking is part of `output_tokens`. */
export function readAnthropic(body: Fields): UsageReading | undefined {
  const usage = fieldsOf(body.usage)
  const isFast = usage.speed === 'fast'
  return makeReading({
    ...partsOf(usage),
    model: body.model,
    serviceTier: isFast ? 'fast' : usage.service_tier,
    region: usage.inference_geo,
    others: stepsBeside(body, usage),
  })
}

function partsOf(usage: Fields): ReadParts {
  const input = countOf(usage.input_tokens)
  const output = countOf(usage.output_tokens)
  const reasoning = partOf(fieldsOf(usage.output_tokens_details).thinking_tokens)
  return {
    usage: {
      input,
      cacheRead: partOf(usage.cache_read_input_tokens),
      ...writtenOf(usage),
      ...(output === undefined ? {} : splitOutput({ total: output, reasoning })),
      webSearches: partOf(fieldsOf(usage.server_tool_use).web_search_requests),
    },
    complete: input !== undefined && output !== undefined,
  }
}

/** Without the split by lifetime, five minutes: the default. What the split does not explain is taken for that, too. */
function writtenOf(usage: Fields): Pick<TokenUsage, 'cacheWrite5m' | 'cacheWrite1h'> {
  const split = fieldsOf(usage.cache_creation)
  const hour = partOf(split.ephemeral_1h_input_tokens)
  const minutes = partOf(split.ephemeral_5m_input_tokens)
  return {
    cacheWrite5m: Math.max(minutes, partOf(usage.cache_creation_input_tokens) - hour),
    cacheWrite1h: hour,
  }
}

/**
 * Steps that the message's counts leave out: a compaction, and what advisors and other models did. That of a compaction
 * is documented; of the others it is not, so they are left out only if the counts of all steps add up to the message's.
 */
function stepsBeside(body: Fields, usage: Fields): readonly UsageReading[] {
  const steps = itemsOf(usage.iterations)
  const compactions = steps.filter(({ type }) => type === 'compaction')
  const rest = steps.filter(({ type }) => type !== 'compaction')
  const beside = isWhole(usage, rest) ? [] : rest.filter(({ type }) => type !== OWN_STEP)
  return [...compactions, ...beside].flatMap((step) => {
    const reading = makeReading({ ...partsOf(step), model: step.model ?? body.model })
    return reading === undefined ? [] : [reading]
  })
}

function isWhole(usage: Fields, steps: readonly Fields[]): boolean {
  return ['input_tokens', 'output_tokens'].every(
    (name) => steps.reduce((sum, step) => sum + partOf(step[name]), 0) === usage[name],
  )
}
