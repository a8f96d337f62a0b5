/** Counts the tokens of a text; for gpt-tokenizer, `{ count: countTokens }` is one. */
export interface Tokenizer {
  /** Gets pieces of at most 8,192 characters, without stretches that take it long. If it throws, the piece counts by its bytes. */
  count(text: string): number
  /**
   * How many tokens of a model stand for one of this tokenizer's, margin included; undefined for a model of which that
   * is not known, whose requests then count by their bytes. @default 1.1 for OpenAI's models since GPT-4o, else undefined
   */
  factor?(provider: string, model: string): number | undefined
}

/** They are known to read `o200k`: GPT-4o, 4.1, 4.5 and 5, o1 to o4, gpt-oss. */
const O200K = /^(?:chatgpt-4o|gpt-4o|gpt-4\.[15]|gpt-5|o[134]|gpt-oss)(?:[-.:]|$)/
// For what differs between JSON and the form in which the model reads it, and for the cuts.
const O200K_FACTOR = 1.1

/**
 * For which models `o200k` says anything. For Claude, Gemini and all others there is no public tokenizer of today's
 * models, and no factor that would hold for every language: Claude's alone differ by 30% among themselves.
 */
export function o200kFactor(model: string): number | undefined {
  const name = model.replace(/^ft:/, '').replace(/^.*\//, '')
  return O200K.test(name) ? O200K_FACTOR : undefined
}
