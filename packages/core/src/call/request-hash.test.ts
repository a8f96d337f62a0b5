import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RequestHasher } from './request-hash.ts'

type Request = { model: string; messages: unknown[]; tools?: unknown[] }
const fresh = (request: unknown) => new RequestHasher().hash(request)
const json = fc.jsonValue()

describe('RequestHasher', () => {
  test('gives equal conversations equal hashes, however they were made, and different ones different', () => {
    fc.assert(
      fc.property(fc.array(json), fc.array(json), (one, other) => {
        const hasher = new RequestHasher()
        const hash = hasher.hash({ messages: one })
        expect(hasher.hash({ messages: structuredClone(one) })).toEqual(hash)
        const same = JSON.stringify(one, sortedKeys) === JSON.stringify(other, sortedKeys)
        expect(hasher.hash({ messages: other }).exact.equals(hash.exact)).toBe(same)
      }),
    )
  })

  test('notices every change of a message that it knows, however deep', () => {
    const changes: ((message: { content: { text: string; list?: unknown[] }[]; extra?: unknown }) => void)[] = [
      (message) => Object.assign(message.content[0] as object, { text: 'other' }),
      (message) => Object.assign(message.content[0] as object, { more: undefined, extra: 1 }),
      (message) => message.content.push({ text: 'b' }),
      (message) => message.content[0]?.list?.push(3),
      (message) => message.content[0]?.list?.reverse(),
      (message) => delete message.content[0]?.list,
      (message) => Object.assign(message, { extra: true }),
      (message) => message.content.splice(0, 1, { text: 'a', list: [2, 1] }),
    ]
    for (const change of changes) {
      const hasher = new RequestHasher()
      const message = { role: 'user', content: [{ text: 'a', list: [1, 2] }] }
      const request = { messages: [message] }
      const before = hasher.hash(request)
      expect(hasher.hash(request)).toEqual(before)
      change(message)
      expect(hasher.hash(request)).toEqual(fresh(structuredClone(request)))
      expect(hasher.hash(request).exact).not.toEqual(before.exact)
    }
  })

  test('notices a part that moves from one container into the next', () => {
    const inner: { text: string; note?: number } = { text: 'a' }
    const list: unknown[] = ['a']
    const message: { inner: object; note?: number } = { inner, note: 1 }
    const items: unknown[] = [list, 'b']
    const hasher = new RequestHasher()
    hasher.hash({ messages: [message, items] })
    delete message.note
    inner.note = 1
    list.push(items.pop())
    const request = { messages: [message, items] }
    expect(hasher.hash(request)).toEqual(fresh(structuredClone(request)))
  })

  test('does not mind the order of properties', () => {
    const one = { messages: [{ role: 'user', content: { a: 1, b: 2 } }] }
    const other = { messages: [{ content: { b: 2, a: 1 }, role: 'user' }] }
    expect(fresh(other)).toEqual(fresh(one))
  })

  test('tells messages apart that contain themselves', () => {
    const cyclic = (text: string) => {
      const message: Record<string, unknown> = { text }
      message.self = message
      return fresh({ messages: [message] }).exact
    }
    expect(cyclic('a')).toEqual(cyclic('a'))
    expect(cyclic('a')).not.toEqual(cyclic('b'))
  })

  test('notices a change inside what hides its parts', () => {
    const bytes = new Uint8Array([1, 2])
    const at = new Date(0)
    const tags = new Set(['a'])
    const request = { messages: [{ image: bytes }, { at }, { tags }] }
    const hasher = new RequestHasher()
    const seen = [hasher.hash(request).exact.toString('hex')]
    for (const change of [() => bytes.fill(9), () => at.setTime(1), () => tags.add('b')]) {
      change()
      seen.push(hasher.hash(request).exact.toString('hex'))
    }
    expect(new Set(seen).size).toBe(4)
  })

  test('masks what differs each time, in the masked hash only', () => {
    const at = (date: string) => fresh({ messages: [{ role: 'system', content: `Today is ${date}` }] })
    const [one, other] = [at('2026-11-20'), at('2026-11-21')]
    expect(one.exact).not.toEqual(other.exact)
    expect(one.masked).toEqual(other.masked)
    expect(at('payday').masked).not.toEqual(one.masked)
  })

  test('keeps model, tools and parameters out of the conversation, and tells when they differ', () => {
    const request: Request = { model: 'a', messages: [{ content: 'x' }], tools: [{ name: 't' }] }
    const hash = fresh(request)
    const other = fresh({ ...request, tools: [{ name: 'u' }] })
    expect([other.exact, other.masked]).toEqual([hash.exact, hash.masked])
    expect(other.rest).not.toBe(hash.rest)
    expect(fresh({ tools: request.tools, messages: request.messages, model: 'a', seed: undefined }).rest).toBe(
      hash.rest,
    )
  })

  test('does not mix up where one message ends and the next begins', () => {
    const hashes = [[['a', 'b']], ['a', 'b'], ['a,b'], ['b', 'a'], [['a'], ['b']]].map((messages) =>
      fresh({ messages }).exact.toString('hex'),
    )
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('hashes stably what JSON does not have, and throws at nothing', () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = [cyclic, cyclic]
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    const make = () => ({
      messages: [
        { content: 'x', run: () => 1, big: 1n, at: new Date(0), bytes: new Uint8Array([1]), map: new Map([[1, 2]]) },
        cyclic,
        hostile,
        undefined,
      ],
      signal: new AbortController().signal,
      client: new (class Client {
        #secret = 1
        read() {
          return this.#secret
        }
      })(),
    })
    expect(fresh(make())).toEqual(fresh(make()))
    expect(fresh(undefined).exact).toHaveLength(32)
  })

  test('looks at each message of a known conversation, and reads none of them again', () => {
    let reads = 0
    const read = (text: string) => {
      reads++
      return text
    }
    const counted = (text: string) =>
      Object.defineProperty({ role: 'user' }, 'content', { enumerable: true, get: () => read(text) })
    const messages = Array.from({ length: 50 }, (_, index) => counted(`message ${index}`))
    const hasher = new RequestHasher()
    hasher.hash({ messages })
    const first = reads
    reads = 0
    hasher.hash({ messages: [...messages, { role: 'user', content: 'new' }] })
    expect(reads).toBe(50)
    expect(first).toBeGreaterThan(50)
  })
})

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
