import { countOf, fieldsOf, itemsOf, partOf } from './fields.ts'
import { writtenOf } from './openai-chat.ts'
import { splitInput, splitOutput } from './split-tokens.ts'
import type { CountUnit } from './token-usage.ts'
import { type Fields, makeReading, type UsageReading } from './usage-reading.ts'

/** Tools that OpenAI runs and bills by themselves; the others are billed by the tokens that they add, or not at all. */
const BILLED: Readonly<Record<string, CountUnit>> = {
  web_search_call: 'webSearches',
  file_search_call: 'fileSearches',
  code_interpreter_call: 'codeSessions',
  shell_call: 'codeSessions',
  image_generation_call: 'otherToolCalls',
}

/**
 * Responses, and the sessions and transcriptions that count as they do. Cached tokens are part of `input_tokens`, and
 * reasoning of `output_tokens`. Realtime writes `token_details` where the others write `tokens_details`.
 */
export function readOpenaiResponses(body: Fields): UsageReading | undefined {
  const usage = fieldsOf(body.usage)
  if (usage.type === 'duration') return readDuration(body, usage)
  const input = countOf(usage.input_tokens)
  const output = countOf(usage.output_tokens)
  return makeReading({
    usage: {
      ...(input === undefined ? {} : inputOf(input, usage)),
      ...(output === undefined ? {} : outputOf(output, usage)),
      ...withTold(toolCalls(body), fieldsOf(usage.server_side_tool_usage_details)),
    },
    complete: input !== undefined && (output !== undefined || input === usage.total_tokens),
    model: body.model,
    serviceTier: body.service_tier,
  })
}

function inputOf(total: number, usage: Fields): ReturnType<typeof splitInput> {
  const details = fieldsOf(usage.input_tokens_details ?? usage.input_token_details)
  const cached = fieldsOf(details.cached_tokens_details)
  return splitInput({
    total,
    cached: partOf(details.cached_tokens),
    ...writtenOf(details),
    audio: partOf(details.audio_tokens),
    image: partOf(details.image_tokens),
    ...('audio_tokens' in cached ? { cachedAudio: partOf(cached.audio_tokens) } : {}),
    ...('image_tokens' in cached ? { cachedImage: partOf(cached.image_tokens) } : {}),
  })
}

function outputOf(total: number, usage: Fields): ReturnType<typeof splitOutput> {
  const details = fieldsOf(usage.output_tokens_details ?? usage.output_token_details)
  return splitOutput({
    total,
    reasoning: partOf(details.reasoning_tokens),
    audio: partOf(details.audio_tokens),
    image: partOf(details.image_tokens),
  })
}

/** Code that ran in one container was one session, however often it was called. */
function toolCalls({ output }: Fields): Partial<Record<CountUnit, number>> {
  const counts: Partial<Record<CountUnit, number>> = {}
  const containers = new Set<unknown>()
  for (const item of itemsOf(output)) {
    const unit = BILLED[String(item.type)]
    if (unit === undefined) continue
    if (unit === 'codeSessions' && containers.has(item.container_id)) continue
    if (typeof item.container_id === 'string') containers.add(item.container_id)
    counts[unit] = (counts[unit] ?? 0) + 1
  }
  return counts
}

/** xAI counts its tools in the usage: searches of X are no items that tell what they are. */
function withTold(counts: Partial<Record<CountUnit, number>>, told: Fields): Partial<Record<CountUnit, number>> {
  const searches = partOf(told.web_search_calls) + partOf(told.x_search_calls)
  const codes = partOf(told.code_interpreter_calls)
  return {
    ...counts,
    webSearches: Math.max(counts.webSearches ?? 0, searches),
    codeSessions: Math.max(counts.codeSessions ?? 0, codes),
  }
}

/** A transcription that is billed by its length. */
function readDuration(body: Fields, { seconds }: Fields): UsageReading | undefined {
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined
  return makeReading({ usage: { audioSeconds: countOf(Math.ceil(seconds)) }, complete: true, model: body.model })
}
