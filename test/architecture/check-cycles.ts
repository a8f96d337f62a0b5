import type { ParsedSource, Violation } from './parsed-source.ts'
import { resolveImport } from './resolve-import.ts'

/** Finds modules that load each other in a circle; type-only and lazy imports load nothing. */
export function checkCycles(sources: readonly ParsedSource[]): Violation[] {
  const graph = new Map(sources.map((source) => [source.path, loadedBy(source)]))
  const done = new Set<string>()
  return [...graph.keys()].flatMap((path) => visit(path, [], graph, done))
}

function visit(
  path: string,
  trail: readonly string[],
  graph: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): Violation[] {
  const start = trail.indexOf(path)
  if (start >= 0) return [`import cycle: ${[...trail.slice(start), path].join(' -> ')}`]
  if (done.has(path)) return []
  const found = (graph.get(path) ?? []).flatMap((next) => visit(next, [...trail, path], graph, done))
  done.add(path)
  return found
}

function loadedBy(source: ParsedSource): string[] {
  return source.imports
    .filter(({ kind }) => kind === 'value')
    .map(({ specifier }) => resolveImport(source.path, specifier))
    .filter((path) => path !== undefined)
}
