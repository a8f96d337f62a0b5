import type { Node } from 'oxc-parser'

/** An import or re-export, as written. */
export interface FoundImport {
  readonly specifier: string
  readonly offset: number
  /** `value` is loaded with the module, `type` is erased, `lazy` is an `import()` expression. */
  readonly kind: 'value' | 'type' | 'lazy'
}

/** Every import, re-export, `import()` and `import('…')` type among the nodes of a source. */
export function findImports(nodes: readonly Node[]): FoundImport[] {
  return nodes.map(toImport).filter((found) => found !== undefined)
}

function toImport(node: Node): FoundImport | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      // `import { type A }` stays an import at run time; only `import type` is erased.
      return found(node.source, node.importKind === 'type' ? 'type' : 'value')
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node.source ? found(node.source, node.exportKind === 'type' ? 'type' : 'value') : undefined
    case 'TSImportType':
      return found(node.source, 'type')
    case 'ImportExpression':
      return found(node.source, 'lazy')
    default:
      return undefined
  }
}

function found(source: Node, kind: FoundImport['kind']): FoundImport | undefined {
  if (source.type !== 'Literal' || typeof source.value !== 'string') return undefined
  return { specifier: source.value, offset: source.start, kind }
}
