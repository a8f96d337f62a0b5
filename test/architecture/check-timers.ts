import { memberUses, nameUses } from './global-uses.ts'
import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

const timers = ['setTimeout', 'setInterval', 'setImmediate']
const modules = /^(node:)?timers(\/promises)?$/

/** Refuses timers outside util/: what waits goes through the injected clock. */
export function checkTimers(sources: readonly ParsedSource[]): Violation[] {
  return sources
    .filter(({ path }) => !path.includes('/src/util/'))
    .flatMap((source) =>
      [
        ...timers.flatMap((name) => nameUses(source, name)),
        ...memberUses(source, 'AbortSignal', 'timeout'),
        ...timerModules(source),
      ].map(({ name, offset }) => violation(source, offset, `${name} outside util/`)),
    )
}

function timerModules(source: ParsedSource): { name: string; offset: number }[] {
  return source.imports
    .filter(({ specifier }) => modules.test(specifier))
    .map(({ specifier, offset }) => ({ name: specifier, offset }))
}
