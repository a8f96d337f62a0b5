import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

/** They stand in the place of a package whose every export they have, the default one too. */
const DROP_INS = /^packages\/(openai|anthropic)\/src\/index\.ts$/

/** Refuses default exports and `export *`: every public name is written out once. */
export function checkExports(sources: readonly ParsedSource[]): Violation[] {
  const ours = sources.filter(({ path }) => !DROP_INS.test(path))
  return ours.flatMap((source) =>
    source.nodes.flatMap((node) => {
      if (node.type === 'ExportAllDeclaration') return [violation(source, node.start, 'export *')]
      if (node.type === 'ExportDefaultDeclaration') return [violation(source, node.start, 'a default export')]
      const renamed = node.type === 'ExportSpecifier' && 'name' in node.exported && node.exported.name === 'default'
      return renamed ? [violation(source, node.start, 'a default export')] : []
    }),
  )
}
