import { memberUses } from './global-uses.ts'
import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

const allowed = /\/src\/config\/|^packages\/cli\//

/** Refuses process.env outside config/ and the command line, so that one folder knows every variable. */
export function checkEnvironment(sources: readonly ParsedSource[]): Violation[] {
  return sources
    .filter(({ path }) => !allowed.test(path))
    .flatMap((source) =>
      memberUses(source, 'process', 'env').map(({ offset }) =>
        violation(source, offset, 'process.env outside config/ and the cli'),
      ),
    )
}
