import type { Node } from 'oxc-parser'
import { lineOf, type ParsedSource, type Violation, violation } from './parsed-source.ts'

const maxFileLines = 300
const maxFunctionLines = 50
const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Holds files to 300 lines and functions to 50, comments and blank lines included. */
export function checkSizes(sources: readonly ParsedSource[]): Violation[] {
  return sources.flatMap((source) => [...checkFile(source), ...source.nodes.flatMap((node) => checkNode(source, node))])
}

function checkFile(source: ParsedSource): Violation[] {
  const lines = lineOf(source, source.text.trimEnd().length)
  return lines > maxFileLines ? [violation(source, 0, `${lines} lines in one file, over ${maxFileLines}`)] : []
}

function checkNode(source: ParsedSource, node: Node): Violation[] {
  if (!functionTypes.has(node.type)) return []
  const lines = lineOf(source, node.end) - lineOf(source, node.start) + 1
  if (lines <= maxFunctionLines) return []
  return [violation(source, node.start, `${lines} lines in one function, over ${maxFunctionLines}`)]
}
