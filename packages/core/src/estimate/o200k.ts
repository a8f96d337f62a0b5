import { sharedState } from '../util/shared-state.ts'
import type { Tokenizer } from './tokenizer.ts'

/** Takes 200 MB and half a second: once per process, and not before it is needed. */
export function o200k(): Promise<Tokenizer> {
  const state = sharedState<{ tokenizer?: Promise<Tokenizer> }>('o200k', () => ({}))
  state.tokenizer ??= load()
  return state.tokenizer
}

async function load(): Promise<Tokenizer> {
  const [{ Tiktoken }, { default: ranks }] = await Promise.all([
    import('js-tiktoken/lite'),
    import('js-tiktoken/ranks/o200k_base'),
  ])
  const encoding = new Tiktoken(ranks)
  // What looks like a control token is text like any other in a message.
  return { count: (text) => encoding.encode(text, [], []).length }
}
