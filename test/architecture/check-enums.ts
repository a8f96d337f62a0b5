import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

/** Refuses enums: a union of strings from an `as const` array says the same and survives JSON. */
export function checkEnums(sources: readonly ParsedSource[]): Violation[] {
  return sources.flatMap((source) =>
    source.nodes
      .filter(({ type }) => type === 'TSEnumDeclaration')
      .map(({ start }) => violation(source, start, 'an enum')),
  )
}
