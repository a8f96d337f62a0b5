import type { InputUnit, OutputUnit } from './token-usage.ts'

/** What a provider counts of the input; all but `total` are parts of it. */
export interface InputCounts {
  readonly total: number
  readonly cached?: number
  readonly written5m?: number
  readonly written1h?: number
  readonly audio?: number
  readonly image?: number
  readonly video?: number
  /** Of what was cached, how much is of which kind, if that was told. */
  readonly cachedAudio?: number
  readonly cachedImage?: number
}

/**
 * Units without overlap from counts with overlap. Where it was not told what of the cached tokens is text, as much as
 * can be is taken for text: audio and images then count as new ones, which is never the cheaper reading.
 */
export function splitInput(counts: InputCounts): Record<InputUnit, number> {
  const { total, cached = 0, written5m = 0, written1h = 0, audio = 0, image = 0, video = 0 } = counts
  const text = atLeastNone(total - audio - image - video)
  const beyond = cached + written5m + written1h > total
  const told = (counts.cachedAudio ?? 0) + (counts.cachedImage ?? 0)
  const cacheRead = beyond ? cached : Math.min(atLeastNone(cached - told), text)
  const cacheReadAudio = Math.min(counts.cachedAudio ?? (beyond ? 0 : cached - cacheRead), audio)
  const cacheReadImage = Math.min(counts.cachedImage ?? (beyond ? 0 : cached - cacheRead - cacheReadAudio), image)
  return {
    // More in the cache than there is altogether: this provider does not count the cached ones as input.
    input: beyond ? text : atLeastNone(text - cacheRead - written5m - written1h),
    cacheRead,
    cacheWrite5m: written5m,
    cacheWrite1h: written1h,
    inputAudio: audio - cacheReadAudio,
    cacheReadAudio,
    inputImage: image - cacheReadImage,
    cacheReadImage,
    inputVideo: video,
  }
}

/** What a provider counts of the output; all but `total` are parts of it. */
export interface OutputCounts {
  readonly total: number
  readonly reasoning?: number
  readonly audio?: number
  readonly image?: number
  readonly video?: number
}

export function splitOutput(counts: OutputCounts): Record<Exclude<OutputUnit, 'citation'>, number> {
  const { total, reasoning = 0, audio = 0, image = 0, video = 0 } = counts
  return {
    output: atLeastNone(total - reasoning - audio - image - video),
    reasoning,
    outputAudio: audio,
    outputImage: image,
    outputVideo: video,
  }
}

function atLeastNone(count: number): number {
  return Math.max(0, count)
}
