import type { Node } from 'oxc-parser'
import type { ParsedSource } from './parsed-source.ts'

/** A use of something global, or of the Node module of the same name, as `Date.now` or `console`. */
export interface GlobalUse {
  readonly name: string
  readonly offset: number
}

/** Finds `object.member` in all the ways it is written: dotted, in brackets, on globalThis, taken apart, imported. */
export function memberUses(source: ParsedSource, object: string, member: string): GlobalUse[] {
  const name = `${object}.${member}`
  return source.nodes
    .filter((node) => reads(node, object, member) || takesApart(node, object, member) || imports(node, object, member))
    .map(({ start }) => ({ name, offset: start }))
}

/** Finds every mention of a global by its bare name or on globalThis. */
export function nameUses(source: ParsedSource, name: string): GlobalUse[] {
  const keys = new Set<Node>(source.nodes.filter(isPlainKey).map(({ key }) => key))
  const members = new Set<Node>(source.nodes.filter(isForeignMember).map(({ property }) => property))
  return source.nodes
    .filter((node) => node.type === 'Identifier' && node.name === name && !keys.has(node) && !members.has(node))
    .map(({ start }) => ({ name, offset: start }))
}

function reads(node: Node, object: string, member: string): boolean {
  return node.type === 'MemberExpression' && propertyName(node) === member && isGlobal(node.object, object)
}

function takesApart(node: Node, object: string, member: string): boolean {
  if (node.type !== 'VariableDeclarator' || node.id.type !== 'ObjectPattern') return false
  if (!node.init || !isGlobal(node.init, object)) return false
  return node.id.properties.some(
    (property) => property.type === 'Property' && property.key.type === 'Identifier' && property.key.name === member,
  )
}

function imports(node: Node, object: string, member: string): boolean {
  if (node.type !== 'ImportDeclaration' || node.source.value.replace('node:', '') !== object) return false
  return node.specifiers.some(
    (specifier) =>
      specifier.type === 'ImportSpecifier' &&
      specifier.imported.type === 'Identifier' &&
      specifier.imported.name === member,
  )
}

function isGlobal(node: Node, name: string): boolean {
  if (node.type === 'Identifier') return node.name === name
  return node.type === 'MemberExpression' && propertyName(node) === name && isGlobal(node.object, 'globalThis')
}

function propertyName(node: Extract<Node, { type: 'MemberExpression' }>): string | undefined {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined
}

function isPlainKey(node: Node): node is Extract<Node, { type: 'Property' }> {
  return node.type === 'Property' && !node.computed
}

function isForeignMember(node: Node): node is Extract<Node, { type: 'MemberExpression' }> {
  return node.type === 'MemberExpression' && !node.computed && !isGlobal(node.object, 'globalThis')
}
