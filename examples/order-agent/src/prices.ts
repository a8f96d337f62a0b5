/** What the scripted model costs, in dollars for a million tokens: as much as a small model of OpenAI's. */
const SCRIPTED = { input: '0.25', output: '2' } as const

/** Prices of the ledger's own: OpenAI's models come with the package, the scripted one does not. */
export const PRICES = { overrides: { openai: { 'scripted-1': SCRIPTED } } } as const

const NANO_PER_INPUT_TOKEN = 250
const NANO_PER_OUTPUT_TOKEN = 2_000

/** What the scripted model's provider writes on its bill, in nano-USD; it knows nothing of any ledger. */
export function billed(usage: { readonly prompt_tokens: number; readonly completion_tokens: number }): number {
  return usage.prompt_tokens * NANO_PER_INPUT_TOKEN + usage.completion_tokens * NANO_PER_OUTPUT_TOKEN
}
