import type { StoredValue } from './run-export.ts'

export interface TokenCounts {
  readonly input: number
  readonly output: number
}

/** How providers, and we, name the tokens of a request and of its answer. */
const INPUT = ['input', 'inputTokens', 'input_tokens', 'prompt_tokens', 'promptTokenCount', 'prompt_eval_count']
const OUTPUT = ['output', 'outputTokens', 'output_tokens', 'completion_tokens', 'candidatesTokenCount', 'eval_count']

/** The counts in a recorded usage, or undefined if it names none. */
export function tokensOf(usage: StoredValue | undefined): TokenCounts | undefined {
  const input = countOf(usage, INPUT)
  const output = countOf(usage, OUTPUT)
  return input === undefined && output === undefined ? undefined : { input: input ?? 0, output: output ?? 0 }
}

export function tokensText({ input, output }: TokenCounts): string {
  return `${input.toLocaleString('en')} tokens in, ${output.toLocaleString('en')} out`
}

function countOf(usage: StoredValue | undefined, names: readonly string[]): number | undefined {
  if (typeof usage !== 'object' || usage === null || Array.isArray(usage)) return undefined
  const fields = usage as { readonly [name: string]: StoredValue }
  const count = names.map((name) => fields[name]).find((value) => typeof value === 'number')
  return typeof count === 'number' ? count : undefined
}
