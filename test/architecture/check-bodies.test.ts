import type { Node } from 'oxc-parser'
import { expect, test } from 'vitest'
import { BODY_NAMES } from '../../packages/core/src/store/sealed/bodies.ts'
import { lineOf, type ParsedSource } from './parsed-source.ts'
import { readSources } from './read-sources.ts'

const contract = readSources().filter(({ path }) => /\/core\/src\/store\/([a-z]+-verbs|records)\.ts$/.test(path))

interface Member {
  readonly name: string
  readonly place: string
  readonly isBody: boolean
}

test('every member of the contract that holds a body has one of the names that are sealed, and no other member has one', () => {
  const members = contract.flatMap(membersOf)
  const bodies = members.filter(({ isBody }) => isBody)
  expect(bodies.length).toBeGreaterThan(25)
  expect(bodies.filter(({ name }) => !BODY_NAMES.has(name))).toEqual([])
  expect(members.filter(({ name, isBody }) => !isBody && BODY_NAMES.has(name))).toEqual([])
  expect([...BODY_NAMES].filter((name) => !bodies.some((body) => body.name === name))).toEqual([])
})

test('a verb is given or answers a body by itself only where the sealed store sees to it', () => {
  const verbs = contract.flatMap((source) => source.nodes.flatMap((node) => bareBodies(source, node)))
  expect(verbs).toEqual(['readAnswer'])
})

function membersOf(source: ParsedSource): Member[] {
  return source.nodes.flatMap((node) => {
    if (node.type !== 'TSPropertySignature' || node.key.type !== 'Identifier' || !node.typeAnnotation) return []
    const text = textOf(source, node.typeAnnotation)
    const isBody = /^:\s*Body( \| null)?$/.test(text)
    // A list or a record of bodies would be missed by looking for names.
    if (!isBody && /\bBody\b/.test(text) && !/[{]/.test(text))
      throw new Error(`${source.path}: ${node.key.name}${text}`)
    return [{ name: node.key.name, place: `${source.path}:${lineOf(source, node.start)}`, isBody }]
  })
}

function bareBodies(source: ParsedSource, node: Node): string[] {
  if (node.type !== 'TSMethodSignature' || node.key.type !== 'Identifier') return []
  const parameters = node.params.map((parameter) => textOf(source, parameter)).join()
  const answer = node.returnType ? textOf(source, node.returnType) : ''
  return /\bBody\b/.test(parameters + answer) ? [node.key.name] : []
}

function textOf({ text }: ParsedSource, { start, end }: { start: number; end: number }): string {
  return text.slice(start, end)
}
