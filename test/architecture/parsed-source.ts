import { type Comment, type Node, parseSync } from 'oxc-parser'
import { type FoundImport, findImports } from './find-imports.ts'

/** One source file of a package, parsed. */
export interface ParsedSource {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  /** Every node of the syntax tree, parents before their children. */
  readonly nodes: readonly Node[]
  readonly comments: readonly Comment[]
  readonly imports: readonly FoundImport[]
}

/** What a rule holds against a source, in one line that starts with the place. */
export type Violation = string

/** Parses a source; a file that does not parse is an error, because no rule could see into it. */
export function parseSource(path: string, text: string): ParsedSource {
  const { program, comments, errors } = parseSync(path, text)
  const [error] = errors
  if (error) throw new Error(`${path}: ${error.message}`)
  const nodes = [...walk(program)]
  return { path, text, nodes, comments, imports: findImports(nodes) }
}

/** Formats a violation at an offset of a source. */
export function violation(source: ParsedSource, offset: number, message: string): Violation {
  return `${source.path}:${lineOf(source, offset)} ${message}`
}

/** The line, from 1, that an offset is on. */
export function lineOf(source: ParsedSource, offset: number): number {
  return source.text.slice(0, offset).split('\n').length
}

function* walk(node: Node): Generator<Node> {
  yield node
  for (const child of Object.values(node).flat()) {
    if (isNode(child)) yield* walk(child)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
