import { inputTokensOf, outputTokensOf, type TokenUsage, USAGE_UNITS } from '../usage/token-usage.ts'
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
  if (isOurs(usage)) return { input: inputTokensOf(usage), output: outputTokensOf(usage) }
  const input = countOf(usage, INPUT)
  const output = countOf(usage, OUTPUT)
  return input === undefined && output === undefined ? undefined : { input: input ?? 0, output: output ?? 0 }
}

export function tokensText({ input, output }: TokenCounts): string {
  return `${input.toLocaleString('en')} tokens in, ${output.toLocaleString('en')} out`
}

/** In our own units, of which each token is in one: what was read from a cache is not part of `input`. */
function isOurs(usage: StoredValue | undefined): usage is StoredValue & TokenUsage {
  if (typeof usage !== 'object' || usage === null) return false
  const units = Object.entries(usage)
  return units.length > 0 && units.every(([unit, count]) => isUnit(unit) && typeof count === 'number')
}

function isUnit(name: string): boolean {
  return (USAGE_UNITS as readonly string[]).includes(name)
}

function countOf(usage: StoredValue | undefined, names: readonly string[]): number | undefined {
  if (typeof usage !== 'object' || usage === null || Array.isArray(usage)) return undefined
  const fields = usage as { readonly [name: string]: StoredValue }
  const count = names.map((name) => fields[name]).find((value) => typeof value === 'number')
  return typeof count === 'number' ? count : undefined
}
