import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRequest, encodeRequest, type PreviousRequest } from './request-delta.ts'

interface Message {
  role: string
  content: unknown
}
const message = (content: unknown, role = 'user'): Message => ({ role, content })

/** Encodes requests as one lane would, and gives back what is stored. */
class Lane {
  readonly stored = new Map<number, string>()
  #previous: PreviousRequest | undefined

  send(request: unknown): number {
    const id = this.stored.size + 1
    const { body, snapshot } = encodeRequest(request, this.#previous)
    this.stored.set(id, body)
    this.#previous = { id, snapshot }
    return id
  }

  body(id: number): string {
    return this.stored.get(id) ?? ''
  }

  read(id: number): Promise<unknown> {
    return decodeRequest(this.body(id), async (base) => this.body(base))
  }
}

describe('a request stored as a difference', () => {
  test('holds only the messages that are new', async () => {
    const lane = new Lane()
    const first = { model: 'gpt-5', messages: [message('a'), message('b')] }
    lane.send(first)
    const second = { model: 'gpt-5', messages: [...first.messages, message('c')] }
    const id = lane.send(second)
    expect(JSON.parse(lane.body(id))).toMatchObject({ base: 1, keep: 2, tail: [message('c')] })
    expect(await lane.read(id)).toEqual(second)
  })

  test('is right for an agent that pushes onto the array it sent before', async () => {
    const lane = new Lane()
    const messages = [message('a')]
    const request = { model: 'gpt-5', messages }
    lane.send(request)
    messages.push(message('b'))
    lane.send(request)
    expect(await lane.read(1)).toEqual({ model: 'gpt-5', messages: [message('a')] })
    expect(await lane.read(2)).toEqual({ model: 'gpt-5', messages: [message('a'), message('b')] })
  })

  test('notices a message that was changed in place, deep inside', async () => {
    const lane = new Lane()
    const part = { type: 'text', text: 'before' }
    const messages = [message('a'), message([part]), message('z')]
    lane.send({ messages })
    part.text = 'after'
    lane.send({ messages })
    expect(JSON.parse(lane.body(2))).toMatchObject({ keep: 1 })
    expect(await lane.read(1)).toEqual({
      messages: [message('a'), message([{ type: 'text', text: 'before' }]), message('z')],
    })
    expect(await lane.read(2)).toEqual({ messages })
  })

  test('notices fields that came or went in a message', async () => {
    const lane = new Lane()
    lane.send({ messages: [{ role: 'user', name: 'ann' }] })
    lane.send({ messages: [{ role: 'user', name: undefined }] })
    lane.send({ messages: [{ role: 'user', name: 'ann', extra: 1 }] })
    expect(await lane.read(2)).toEqual({ messages: [{ role: 'user' }] })
    expect(await lane.read(3)).toEqual({ messages: [{ role: 'user', name: 'ann', extra: 1 }] })
  })

  test('finds the messages that equal the previous ones although every object is new', () => {
    const lane = new Lane()
    const make = (count: number) => ({ messages: Array.from({ length: count }, (_, index) => message(`m${index}`)) })
    lane.send(make(5))
    lane.send(make(6))
    expect(JSON.parse(lane.body(2))).toMatchObject({ keep: 5 })
  })

  test('does not repeat tools and instructions', async () => {
    const lane = new Lane()
    const make = (model: string) => ({
      model,
      system: 'x'.repeat(200),
      tools: [{ name: 'pay' }],
      input: [message('a')],
    })
    lane.send(make('one'))
    lane.send(make('two'))
    expect(JSON.parse(lane.body(2))).toMatchObject({ same: ['system', 'tools'], rest: { model: 'two' } })
    expect(await lane.read(2)).toEqual(make('two'))
  })

  test('builds on nothing when nothing is shared', () => {
    const lane = new Lane()
    lane.send({ messages: [message('a')] })
    lane.send({ messages: [message('b')] })
    expect(JSON.parse(lane.body(2))).toMatchObject({ base: null, keep: 0 })
  })

  test.each([['contents'], ['input'], ['prompt'], ['messages']])('knows conversations under %s', async (field) => {
    const lane = new Lane()
    lane.send({ [field]: [1, 2] })
    lane.send({ [field]: [1, 2, 3] })
    expect(JSON.parse(lane.body(2))).toMatchObject({ field, keep: 2, tail: [3] })
    expect(await lane.read(2)).toEqual({ [field]: [1, 2, 3] })
  })

  test.each([['a text'], [null], [7], [['a', 'list']], [{ prompt: 'a text' }], [{}]])(
    'takes %j whole',
    async (request) => {
      const lane = new Lane()
      lane.send(request)
      lane.send(request)
      expect(await lane.read(1)).toEqual(request)
      expect(await lane.read(2)).toEqual(request)
    },
  )

  test('grows with the length of a conversation, not with its square', () => {
    const lane = new Lane()
    const messages: Message[] = []
    for (let turn = 0; turn < 200; turn += 1) {
      messages.push(message('x'.repeat(100)))
      lane.send({ model: 'gpt-5', messages })
    }
    const bytes = [...lane.stored.values()].reduce((sum, body) => sum + body.length, 0)
    expect(bytes).toBeLessThan(200 * 300)
  })

  test('is read back through 100,000 bases', async () => {
    const body = (base: number | null) =>
      JSON.stringify({ base, keep: base ?? 0, field: 'messages', tail: [base], rest: {}, same: [] })
    const request = await decodeRequest(body(100_000), async (id) => body(id === 1 ? null : id - 1))
    expect((request as { messages: unknown[] }).messages).toHaveLength(100_001)
  })

  test('whatever a lane sends is read back as JSON would have sent it', async () => {
    const content = fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 2 }))
    const edit = fc.oneof(
      fc.record({ kind: fc.constant('push'), content }),
      fc.record({ kind: fc.constant('cut'), content }),
      fc.record({ kind: fc.constant('change'), content }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 12 }), async (edits) => {
        const lane = new Lane()
        const request = { model: 'm', tools: [{ name: 't' }], messages: [message('start')] }
        const sent = [JSON.stringify(request)]
        lane.send(request)
        for (const { kind, content } of edits) {
          if (kind === 'cut') request.messages.pop()
          if (kind === 'push') request.messages.push(message(content))
          if (kind === 'change' && request.messages[0]) request.messages[0].content = content
          sent.push(JSON.stringify(request))
          lane.send(request)
        }
        for (const [index, text] of sent.entries()) expect(await lane.read(index + 1)).toEqual(JSON.parse(text))
      }),
    )
  })
})

describe('a request with parts that are not JSON', () => {
  test('is stored with texts in their place', async () => {
    const lane = new Lane()
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    const id = lane.send({
      signal: new AbortController().signal,
      onToken: () => undefined,
      messages: [message(new Uint8Array(3)), message(10n), message(cyclic), message(new Date(0)), message(Number.NaN)],
    })
    expect(await lane.read(id)).toEqual({
      signal: '[AbortSignal]',
      onToken: '[function]',
      messages: [
        message('[Uint8Array: 3 bytes]'),
        message('[bigint: 10]'),
        message({ self: '[circular]' }),
        message('1970-01-01T00:00:00.000Z'),
        message('[NaN]'),
      ],
    })
  })

  test('never throws', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
        get: () => {
          throw new Error('no')
        },
      },
    )
    const lane = new Lane()
    for (const request of [hostile, { messages: [hostile] }, { messages: hostile }, Symbol('x'), undefined, () => 1]) {
      expect(() => lane.send(request)).not.toThrow()
    }
  })
})
