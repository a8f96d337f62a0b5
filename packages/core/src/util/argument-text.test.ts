import { describe, expect, test } from 'vitest'
import { argumentText } from './argument-text.ts'
import { stableText } from './stable-text.ts'

/** So many objects, each of which refers to all others. */
function clique(size: number): object {
  const nodes = Array.from({ length: size }, (): { links: unknown[] } => ({ links: [] }))
  for (const node of nodes) node.links = nodes.filter((other) => other !== node)
  return nodes[0] as object
}

describe('the text of arguments', () => {
  test.each([
    [{ b: [1, 'x', null, true], a: { d: undefined, c: new Date(0) } }],
    ['text'],
    [null],
    [[new Map([['a', 1]]), new Uint8Array([1, 2]), () => 1, 5n, new AbortController().signal]],
  ])('of %o is that by which others compare', (value) => {
    expect(argumentText(value)).toBe(stableText(value))
  })

  test('tells apart what JSON would not', () => {
    const texts = [Number.NaN, Number.POSITIVE_INFINITY, null, 'null', undefined, 5n, 5].map(argumentText)
    expect(new Set(texts).size).toBe(texts.length)
  })

  test.each<[string, (n: number) => unknown]>([
    ['patterns', (n) => new RegExp(`a{${n}}`)],
    ['errors', (n) => new Error(`number ${n}`)],
    ['errors with a code', (n) => Object.assign(new Error('no'), { code: n })],
    ['parameters', (n) => new URLSearchParams({ n: `${n}` })],
    ['bytes', (n) => new Uint8Array([n]).buffer],
    ['files', (n) => new File(['x'], `${n}.wav`)],
  ])('tells %s apart, and knows them again', (_, make) => {
    for (const text of [argumentText, stableText]) {
      expect(text({ it: make(1) })).not.toBe(text({ it: make(2) }))
      expect(text({ it: make(1) })).toBe(text({ it: make(1) }))
    }
  })

  test('of what hides all that it has is that of this one alone', () => {
    class Job {
      readonly #number: number
      constructor(number: number) {
        this.#number = number
      }
      get number(): number {
        return this.#number
      }
    }
    const job = new Job(1)
    expect(argumentText([job])).toBe(argumentText([job]))
    expect(argumentText([job])).not.toBe(argumentText([new Job(1)]))
    expect(argumentText([new Request('http://a/')])).not.toBe(argumentText([new Request('http://b/')]))
    expect(argumentText([AbortSignal.timeout(1)])).toBe(argumentText([AbortSignal.timeout(2)]))
  })

  test('is there at once for whatever refers to each other, and is the same for the same', () => {
    let levels: object = { leaf: 1 }
    for (let level = 0; level < 1_000; level++) levels = { a: levels, b: levels }
    expect(argumentText(levels)?.length).toBeLessThan(100_000)
    expect(argumentText(clique(60))).toBe(argumentText(clique(60)))
    expect(argumentText(clique(60))).not.toBe(argumentText(clique(61)))
  })

  test('is not there for what is too large, or cannot be read', () => {
    const throws = {
      get at(): never {
        throw new Error('no')
      },
    }
    expect(argumentText(Array.from({ length: 10_000 }, () => ({})))).toBeUndefined()
    expect(argumentText(throws)).toBeUndefined()
  })
})
