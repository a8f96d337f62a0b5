import type { MediaEstimate } from './estimate.ts'
import type { MediaPart } from './media-parts.ts'

/** What one image comes to at most. No model reads more of it than it was built for, however large it is. */
const IMAGE_TOKENS: readonly (readonly [model: RegExp, tokens: number])[] = [
  // 2,833 and 5,667 for each of at most eight tiles: it bills images at 33 times its rate for text.
  [/gpt-4o-mini/, 48_169],
  // Squares of 28 pixels, 4,784 in the largest image that the newest models read.
  [/claude/, 4_800],
]
// Tiles: 85 and 170 for each of eight. Squares of 32 pixels: 1,536 or 2,500, up to 2.46 tokens each. No recorded image had more.
const OTHER_IMAGE_TOKENS = 5_000
// 10,000 squares at 2.46 tokens.
const ORIGINAL_IMAGE_TOKENS = 24_600
// Gemini's; OpenAI counts a third of that.
const AUDIO_TOKENS_PER_SECOND = 32
// The most that a recorded part came to of which the request had no more than a URL.
const UNSEEN_TOKENS = 20_000
const IS_TEXT = /^text\/|^application\/(?:json|xml|x-ndjson|yaml|x-yaml)/

/** What a medium counts for. */
export interface CountedMedia extends MediaEstimate {
  /** Why that is only a guess; undefined if it is a bound. */
  readonly unboundedBy: string | undefined
}

/** How many tokens a medium has at most; where it stands comes before its path. */
export function countMedia(part: MediaPart, where: string, model: string, isStrict: boolean): CountedMedia {
  const { kind } = part
  const path = `${where}${part.path}`
  if (part.source !== 'inline') {
    const unboundedBy = `${path}: ${kind} by ${part.source === 'url' ? 'URL' : 'id'}`
    return { kind, path, tokens: kind === 'image' ? imageTokens(part, model) : UNSEEN_TOKENS, unboundedBy }
  }
  const tokens = inlineTokens(part, model)
  const least = isStrict || tokens === undefined ? base64Letters(part) : 0
  return {
    kind,
    path,
    tokens: Math.max(tokens ?? 0, least),
    unboundedBy: tokens === undefined ? `${path}: ${kind}` : undefined,
  }
}

/** Undefined where what the bytes unfold to cannot be told from their number: pages, compressed text, frames. */
function inlineTokens(part: MediaPart, model: string): number | undefined {
  if (part.kind === 'image') return imageTokens(part, model)
  if (part.kind === 'audio') return part.seconds && Math.ceil(part.seconds * AUDIO_TOKENS_PER_SECOND)
  return part.kind === 'file' && IS_TEXT.test(part.mediaType) ? base64Letters(part) : undefined
}

function imageTokens(part: MediaPart, model: string): number {
  const [, known = OTHER_IMAGE_TOKENS] = IMAGE_TOKENS.find(([name]) => name.test(model)) ?? []
  return part.original ? Math.max(known, ORIGINAL_IMAGE_TOKENS) : known
}

/** Four for three bytes. */
function base64Letters(part: MediaPart): number {
  return Math.max(part.letters, Math.ceil(part.bytes / 3) * 4)
}
