import { countOf, fieldsOf, itemsOf, partOf } from './fields.ts'
import { splitInput, splitOutput } from './split-tokens.ts'
import { type Fields, makeReading, type UsageReading } from './usage-reading.ts'

/** Kinds of content; pages of documents are counted as images. */
const KINDS = { audio: ['AUDIO'], image: ['IMAGE', 'DOCUMENT'], video: ['VIDEO'] } as const

/**
 * `generateContent` of Gemini and Vertex, and live sessions. The prompt includes what was cached; thoughts and what tools
 * put into the prompt stand beside it.
 */
export function readGemini(body: Fields): UsageReading | undefined {
  const usage = fieldsOf(body.usageMetadata ?? body)
  const prompt = countOf(usage.promptTokenCount)
  const candidates = countOf(usage.candidatesTokenCount ?? usage.responseTokenCount)
  const hidden = hiddenOutput(usage, prompt, candidates)
  const hasOutput = candidates !== undefined || hidden > 0
  return makeReading({
    usage: {
      ...(prompt === undefined ? {} : inputOf(prompt, usage)),
      ...(hasOutput ? outputOf((candidates ?? 0) + hidden, hidden, usage) : {}),
      webSearches: searches(body),
    },
    complete: prompt !== undefined && (hasOutput || prompt === usage.totalTokenCount),
    model: body.modelVersion,
    serviceTier: usage.serviceTier ?? usage.trafficType,
  })
}

/** Thoughts, and whatever else makes the total more than its parts. */
function hiddenOutput(usage: Fields, prompt: number | undefined, candidates: number | undefined): number {
  const known = (prompt ?? 0) + (candidates ?? 0) + partOf(usage.toolUsePromptTokenCount)
  const beyond = prompt === undefined ? 0 : partOf(usage.totalTokenCount) - known
  return Math.max(partOf(usage.thoughtsTokenCount), beyond)
}

function inputOf(prompt: number, usage: Fields): ReturnType<typeof splitInput> {
  const details = [...itemsOf(usage.promptTokensDetails), ...itemsOf(usage.toolUsePromptTokensDetails)]
  const cached = itemsOf(usage.cacheTokensDetails)
  return splitInput({
    total: prompt + partOf(usage.toolUsePromptTokenCount),
    cached: partOf(usage.cachedContentTokenCount),
    audio: countKind(details, 'audio'),
    image: countKind(details, 'image'),
    video: countKind(details, 'video'),
    ...(cached.length === 0
      ? {}
      : { cachedAudio: countKind(cached, 'audio'), cachedImage: countKind(cached, 'image') }),
  })
}

function outputOf(total: number, reasoning: number, usage: Fields): ReturnType<typeof splitOutput> {
  const details = itemsOf(usage.candidatesTokensDetails ?? usage.responseTokensDetails)
  return splitOutput({
    total,
    reasoning,
    audio: countKind(details, 'audio'),
    image: countKind(details, 'image'),
    video: countKind(details, 'video'),
  })
}

function countKind(details: readonly Fields[], kind: keyof typeof KINDS): number {
  const names: readonly unknown[] = KINDS[kind]
  return details.reduce((sum, { modality, tokenCount }) => sum + (names.includes(modality) ? partOf(tokenCount) : 0), 0)
}

/** Google bills each query of a search, and up to Gemini 2.5 each answer that was searched for. */
function searches({ candidates, modelVersion }: Fields): number {
  const queries = itemsOf(candidates).flatMap(({ groundingMetadata }) => {
    const { webSearchQueries } = fieldsOf(groundingMetadata)
    return Array.isArray(webSearchQueries) ? webSearchQueries : []
  })
  return /^gemini-[12]\b/.test(String(modelVersion)) ? Math.min(1, queries.length) : queries.length
}
