import { memberUses } from './global-uses.ts'
import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

const sourcesOfChance = [
  ['Math', 'random'],
  ['crypto', 'randomUUID'],
  ['crypto', 'randomBytes'],
  ['crypto', 'randomInt'],
  ['crypto', 'getRandomValues'],
] as const

/** Refuses randomness outside util/: ids and jitter are injected. */
export function checkRandom(sources: readonly ParsedSource[]): Violation[] {
  return sources
    .filter(({ path }) => !path.includes('/src/util/'))
    .flatMap((source) =>
      sourcesOfChance
        .flatMap(([object, member]) => memberUses(source, object, member))
        .map(({ name, offset }) => violation(source, offset, `${name} outside util/`)),
    )
}
