import Anthropic from '@anthropic-ai/sdk'
import { type CallView, createLedger, type Ledger, type LedgerOptions, memory } from 'holdfast'
import OpenAI from 'openai'
import { onTestFinished } from 'vitest'
import { type GuardFetchOptions, guardFetch } from '../../guard-fetch.ts'
import type { ModelServer } from './model-server.ts'

export const SAY_HI = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Say hi.' }] }
export const CLAUDE = { ...SAY_HI, model: 'claude-haiku-4-5', max_tokens: 100 }

/** A ledger in memory, closed when the test is over. */
export function testLedger(options: LedgerOptions = {}): Ledger {
  const ledger = createLedger({ store: memory(), ...options })
  onTestFinished(() => ledger.close())
  return ledger
}

export function openai({ url }: ModelServer, ledger: Ledger, options: GuardFetchOptions = {}): OpenAI {
  return new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, fetch: guardFetch(ledger, options) })
}

export function anthropic({ url }: ModelServer, ledger: Ledger, options: GuardFetchOptions = {}): Anthropic {
  return new Anthropic({ apiKey: 'k', baseURL: url, fetch: guardFetch(ledger, options) })
}

/** A call with what it cost. */
export type PaidCall = CallView & { readonly cost: NonNullable<CallView['cost']> }

/** The calls on record, oldest first. */
export async function callsOf(ledger: Ledger): Promise<PaidCall[]> {
  return (await ledger.calls.list()) as PaidCall[]
}

/** The words of a chat stream. */
export async function wordsOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string[]> {
  const words: string[] = []
  for await (const chunk of stream) {
    const content = chunk.choices[0]?.delta.content
    if (typeof content === 'string') words.push(content)
  }
  return words
}
