import { isReasoning, outputMedia, serviceTier } from './asked-for.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { ESTIMATE_DEFAULTS, type Estimate, type EstimateOptions, type RequestToEstimate } from './estimate.ts'
import { type CountedMedia, countMedia } from './media-tokens.ts'
import { outputCap } from './output-cap.ts'
import { DEFINED_TOOL_TOKENS, requestTools } from './provider-tools.ts'
import { remoteState } from './remote-state.ts'
import { requestSize } from './request-size.ts'

/**
 * What a request can come to, without sending or counting anything: as many tokens as it has bytes, media by their
 * published rules, and what the provider adds. Never throws, and changes nothing.
 *
 * Remembers the messages that it has seen, so that a turn of a long conversation costs what is new in it.
 */
export function estimateRequest(asked: RequestToEstimate, options: EstimateOptions = {}): Estimate {
  const rules = { ...ESTIMATE_DEFAULTS, ...options }
  try {
    return estimateOf(asked, rules)
  } catch {
    // A getter or a proxy that throws.
    const unboundedBy = ['a part that cannot be read']
    return { ...estimateOf({ ...asked, request: null }, rules), cacheControl: '1h', unboundedBy }
  }
}

function estimateOf(asked: RequestToEstimate, { hiddenTokens, media: mediaRule }: Required<EstimateOptions>): Estimate {
  const { provider, model, request } = asked
  const dialect = dialectOf(provider, model, request)
  const size = requestSize(asked)
  const media = size.media.map(({ part, where }) => countMedia(part, where, model, mediaRule === 'strict'))
  const tools = requestTools(request, dialect)
  const state = remoteState(asked, dialect, tools.count)
  const unboundedBy = [
    ...shapeProblems(dialect, size.isReadable),
    ...tools.providers,
    ...state,
    ...mediaProblems(media),
  ]
  const beside = media.reduce((sum, { tokens }) => sum + tokens, 0) + tools.defined * DEFINED_TOOL_TOKENS
  return {
    dialect,
    inputTokens: size.textTokens + beside + hiddenTokens,
    textTokens: size.textTokens,
    media: media.map(({ kind, path, tokens }) => ({ kind, path, tokens })),
    bounded: unboundedBy.length === 0,
    unboundedBy,
    outputCap: outputCap(request, dialect),
    outputMedia: outputMedia(request),
    isReasoning: isReasoning(request, model),
    serviceTier: serviceTier(request),
    cacheControl: size.cacheControl,
    requests: 1,
  }
}

function shapeProblems(dialect: Dialect | undefined, isReadable: boolean): string[] {
  const unknown = dialect === undefined ? ['a shape that we do not know'] : []
  return isReadable ? unknown : [...unknown, 'a part that is no JSON']
}

function mediaProblems(media: readonly CountedMedia[]): string[] {
  return media.flatMap(({ unboundedBy }) => unboundedBy ?? [])
}
