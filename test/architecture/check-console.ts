import { nameUses } from './global-uses.ts'
import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

/** Refuses console outside the command line: a library tells by events and errors. */
export function checkConsole(sources: readonly ParsedSource[]): Violation[] {
  return sources
    .filter(({ path }) => !path.startsWith('packages/cli/'))
    .flatMap((source) =>
      nameUses(source, 'console').map(({ offset }) => violation(source, offset, 'console outside the cli')),
    )
}
