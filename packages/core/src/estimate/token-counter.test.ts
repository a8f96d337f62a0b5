import fc from 'fast-check'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import type { Estimate, RequestToEstimate } from './estimate.ts'
import { estimateRequest } from './estimate-request.ts'
import { o200k } from './o200k.ts'
import { TokenCounter } from './token-counter.ts'
import type { Tokenizer } from './tokenizer.ts'

const PROSE = 'The brown fox jumps over 13 lazy dogs, and then it sleeps until the morning. '
const message = (content: unknown, role = 'user') => ({ role, content })

function ask(request: unknown, model = 'gpt-5'): RequestToEstimate {
  return { provider: 'openai', model, request }
}

function chat(...contents: unknown[]): RequestToEstimate {
  return ask({ model: 'gpt-5', messages: contents.map((content) => message(content)) })
}

/** Takes a word for a token, and remembers what it was asked. */
class Words implements Tokenizer {
  readonly asked: string[] = []

  count(text: string): number {
    this.asked.push(text)
    return text.split(' ').length
  }

  get length(): number {
    return this.asked.join('').length
  }
}

async function tightened(tokenizer: Tokenizer | undefined, asked: RequestToEstimate): Promise<Estimate> {
  return new TokenCounter({ tokenizer }).tighten(asked, estimateRequest(asked))
}

describe('TokenCounter', () => {
  test('counts by js-tiktoken unless told otherwise', async () => {
    const asked = chat(PROSE.repeat(100))
    const loose = estimateRequest(asked)
    const tight = await tightened(undefined, asked)
    const { count } = await o200k()
    const exact = count(JSON.stringify(asked.request))
    expect(tight).toEqual({ ...loose, textTokens: tight.textTokens, inputTokens: tight.textTokens + 2_048 })
    expect(tight.textTokens).toBeGreaterThanOrEqual(exact)
    expect(tight.textTokens).toBeLessThan(exact * 1.15 + 20)
    expect(loose.textTokens).toBeGreaterThan(tight.textTokens * 3)
  })

  test('takes gpt-tokenizer in one line, which counts the same', async () => {
    const asked = chat(PROSE.repeat(20), '价格是多少？ 1.234,56 €', '<p>\n\t{"a": [1, 2]}</p>')
    expect(await tightened({ count: countTokens }, asked)).toEqual(await tightened(undefined, asked))
  })

  test('takes what looks like a control token for text, or by its bytes if the tokenizer refuses it', async () => {
    const asked = chat('Why <|endoftext|>?', PROSE.repeat(20))
    const own = await tightened(undefined, asked)
    const refusing = await tightened({ count: countTokens }, asked)
    expect(() => countTokens('<|endoftext|>')).toThrow()
    expect(refusing.textTokens).toBeGreaterThan(own.textTokens)
    expect(refusing.textTokens).toBeLessThan(estimateRequest(asked).textTokens / 2)
  })

  test('is never above the bytes, nor below what OpenAI publishes of its prompts', async () => {
    const { count } = await o200k()
    const content = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.lorem({ mode: 'sentences' }))
    const counter = new TokenCounter()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content })),
        async (messages) => {
          const asked = ask({ model: 'gpt-5', messages })
          const loose = estimateRequest(asked)
          const tight = await counter.tighten(asked, loose)
          // Three tokens for a message, its role and its content; three before the answer.
          const billed = messages.reduce((sum, { role, content: text }) => sum + 3 + count(role) + count(text), 3)
          expect(tight.inputTokens).toBeLessThanOrEqual(loose.inputTokens)
          expect(tight.textTokens).toBeGreaterThanOrEqual(billed)
        },
      ),
      { seed: 7, numRuns: 200 },
    )
  })

  test('counts only what is new in a conversation, also if its messages are made anew', async () => {
    const words = new Words()
    const counter = new TokenCounter({ tokenizer: words })
    const messages = [message(PROSE)]
    const request = { model: 'gpt-5', messages }
    await counter.tighten(ask(request), estimateRequest(ask(request)))
    const first = words.length
    for (let turn = 0; turn < 5; turn++) {
      messages.push(message(`${turn} ${PROSE}`))
      const before = words.length
      const sent = turn % 2 === 0 ? request : structuredClone(request)
      await counter.tighten(ask(sent), estimateRequest(ask(sent)))
      expect(words.length - before).toBe(JSON.stringify(messages.at(-1)).length)
    }
    expect(first).toBeGreaterThan(PROSE.length)
  })

  test('does not even read again what it has counted', async () => {
    let reads = 0
    const read = () => {
      reads++
      return PROSE
    }
    const counted = Object.defineProperty({ role: 'user' }, 'content', { enumerable: true, get: read })
    const asked = ask({ messages: [counted] })
    const counter = new TokenCounter({ tokenizer: new Words() })
    await counter.tighten(asked, estimateRequest(asked))
    reads = 0
    await counter.tighten(asked, estimateRequest(asked))
    // A look at it for the estimate, and one for the count.
    expect(reads).toBe(2)
  })

  test('counts a message again that was changed in place', async () => {
    const counter = new TokenCounter({ tokenizer: new Words() })
    const part = { type: 'text', text: 'one two' }
    const request = { model: 'gpt-5', messages: [message([part])] }
    const before = await counter.tighten(ask(request), estimateRequest(ask(request)))
    part.text = 'word '.repeat(100)
    const after = await counter.tighten(ask(request), estimateRequest(ask(request)))
    expect(Math.abs(after.textTokens - before.textTokens - 99 * 1.1)).toBeLessThanOrEqual(1)
  })

  test('counts a run that repeats itself once, and never shows a tokenizer a long one', async () => {
    const words = new Words()
    await tightened(words, chat('a'.repeat(100_000), '中'.repeat(33_000), ' '.repeat(100_000)))
    // With what JSON has around it.
    expect(Math.max(...words.asked.map((text) => text.length))).toBeLessThanOrEqual(160)
    expect(words.asked.length).toBeLessThan(40)
  })

  test('takes no longer than for a million characters, and the bytes of the rest', async () => {
    const words = new Words()
    const long = Array.from({ length: 8_000 }, (_, index) => `${index} ${PROSE}`).join('')
    const asked = chat(PROSE, long, PROSE, `${long}!`)
    const { textTokens } = await tightened(words, asked)
    expect(words.length).toBeGreaterThan(long.length)
    expect(words.length).toBeLessThan(1_048_576)
    expect(textTokens).toBeGreaterThan(long.length)
    expect(textTokens).toBeLessThan(estimateRequest(asked).textTokens * 0.7)
  })

  test('counts no bytes of media', async () => {
    const words = new Words()
    const url = `data:image/png;base64,${'A'.repeat(5_000)}`
    const asked = chat([{ type: 'image_url', image_url: { url } }])
    const { inputTokens, textTokens } = await tightened(words, asked)
    expect(words.length).toBeLessThan(200)
    expect(inputTokens).toBe(textTokens + 5_000 + 2_048)
  })

  test('lets others have their turn while it counts a long text', async () => {
    let turns = 0
    const wait = setInterval(() => turns++, 0)
    const slow: Tokenizer = {
      count: (text) => {
        const until = performance.now() + 2
        while (performance.now() < until);
        return text.length
      },
    }
    await tightened(slow, chat(PROSE.repeat(3_000)))
    clearInterval(wait)
    expect(turns).toBeGreaterThan(3)
  })

  test.each([
    'claude-sonnet-5',
    'gemini-3.5-flash',
    'gpt-4',
    'gpt-3.5-turbo',
    'gpt-6-sol',
    'llama4',
    'o5',
    'o35',
    'gpt-5x',
    'text-embedding-3-small',
  ])('leaves the bytes of %s as they are: nobody knows its tokens', async (model) => {
    const words = new Words()
    const asked = ask({ messages: [message(PROSE)] }, model)
    const loose = estimateRequest(asked)
    expect(await new TokenCounter({ tokenizer: words }).tighten(asked, loose)).toBe(loose)
    expect(words.asked).toEqual([])
  })

  test.each([
    'gpt-4o',
    'gpt-4.1-mini',
    'gpt-5.6-sol',
    'openai/gpt-5',
    'ft:gpt-4o-mini:acme::1',
    'o3',
    'o4-mini-2025-04-16',
    'gpt-oss-120b',
  ])('counts for %s', async (model) => {
    const asked = ask({ messages: [message(PROSE.repeat(10))] }, model)
    expect((await tightened(new Words(), asked)).inputTokens).toBeLessThan(estimateRequest(asked).inputTokens)
  })

  test('counts for the models that the tokenizer says it is good for, with its margin', async () => {
    const mine = (factor: number | undefined): Tokenizer => ({ count: () => 10, factor: () => factor })
    const asked = ask({ messages: [message(PROSE)] }, 'acme-1')
    const [once, twice] = [await tightened(mine(1), asked), await tightened(mine(2), asked)]
    expect(twice.textTokens).toBe(once.textTokens * 2)
    for (const one of [asked, { ...asked, model: 'gpt-5' }]) {
      expect(await tightened(mine(undefined), one)).toEqual(estimateRequest(one))
    }
  })

  test.each<[string, () => number]>([
    [
      'throws',
      () => {
        throw new Error('disallowed token')
      },
    ],
    ['counts nothing', () => Number.NaN],
    ['counts backwards', () => -1_000_000],
    ['counts more than there is', () => 1_000_000],
  ])('stays with the bytes if a tokenizer %s', async (_, count) => {
    const asked = chat(PROSE)
    expect(await tightened({ count }, asked)).toEqual(estimateRequest(asked))
    expect(await tightened({ count: () => 0, factor: () => Number.NaN }, asked)).toEqual(estimateRequest(asked))
  })
})
