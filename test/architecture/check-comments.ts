import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

const openWork = /\b(TODO|FIXME)\b/

/** Refuses comments that promise work: what is open is an issue, not a line of code. */
export function checkComments(sources: readonly ParsedSource[]): Violation[] {
  return sources.flatMap((source) =>
    source.comments
      .filter(({ value }) => openWork.test(value))
      .map(({ start }) => violation(source, start, 'a comment that promises work')),
  )
}
