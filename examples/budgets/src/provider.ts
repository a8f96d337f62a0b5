import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'

/** What a chat completion is asked for with. */
export interface ChatRequest {
  readonly model: string
  readonly max_tokens: number
  readonly messages: readonly { readonly role: 'user'; readonly content: string }[]
}

/** As much as the model would like to say. */
const TALKATIVE = 3_500

/** In the place of a provider: says how many tokens it may write, and writes as many of them as it likes. */
export async function complete({ model, max_tokens, messages }: ChatRequest) {
  const prompt_tokens = messages.reduce((sum, { content }) => sum + countTokens(content), 0)
  const completion_tokens = Math.min(TALKATIVE, max_tokens)
  console.log(`provider: ${prompt_tokens} tokens in, ${completion_tokens} out of at most ${max_tokens}`)
  return { model, usage: { prompt_tokens, completion_tokens } }
}
