import { memberUses } from './global-uses.ts'
import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

const readings = [
  ['Date', 'now'],
  ['performance', 'now'],
  ['process', 'hrtime'],
] as const

/** Refuses to read a clock outside util/: it is injected, so that tests and replays decide what time it is. */
export function checkClock(sources: readonly ParsedSource[]): Violation[] {
  return sources
    .filter(({ path }) => !path.includes('/src/util/'))
    .flatMap((source) =>
      [...readings.flatMap(([object, member]) => memberUses(source, object, member)), ...datesOfNow(source)].map(
        ({ name, offset }) => violation(source, offset, `${name} outside util/`),
      ),
    )
}

function datesOfNow(source: ParsedSource): { name: string; offset: number }[] {
  return source.nodes
    .filter(
      (node) =>
        (node.type === 'NewExpression' && node.arguments.length === 0 && isDate(node.callee)) ||
        (node.type === 'CallExpression' && isDate(node.callee)),
    )
    .map(({ start }) => ({ name: 'Date()', offset: start }))
}

function isDate(callee: { type: string; name?: unknown }): boolean {
  return callee.type === 'Identifier' && callee.name === 'Date'
}
