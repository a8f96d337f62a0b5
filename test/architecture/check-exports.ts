import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

/** Refuses default exports and `export *`: every public name is written out once. */
export function checkExports(sources: readonly ParsedSource[]): Violation[] {
  return sources.flatMap((source) =>
    source.nodes.flatMap((node) => {
      if (node.type === 'ExportAllDeclaration') return [violation(source, node.start, 'export *')]
      if (node.type === 'ExportDefaultDeclaration') return [violation(source, node.start, 'a default export')]
      const renamed = node.type === 'ExportSpecifier' && 'name' in node.exported && node.exported.name === 'default'
      return renamed ? [violation(source, node.start, 'a default export')] : []
    }),
  )
}
