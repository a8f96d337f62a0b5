import { canonicalJson } from 'holdfast'
import type { AskedCall } from './conversation.ts'

/** What a tool is to be called with, or what its model is to be told instead. */
export type ReadArguments = { readonly args: object } | { readonly problem: string }

/**
 * The arguments of a call. What is told about those that are none is the same in every process: a resumed run must send what
 * it sent before.
 */
export function askedArguments({ name, args }: AskedCall): ReadArguments {
  if (args.kind === 'cut-off') return problem(name, 'were cut off, because the answer had come to its cap')
  const value = args.kind === 'value' ? args.value : parsed(args.text)
  if (value === undefined) return problem(name, 'are not valid JSON')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return problem(name, 'are no JSON object')
  return isKeyable(value)
    ? { args: value }
    : problem(name, 'have a text that is not valid Unicode, or are nested too deep')
}

/** Undefined for what is no JSON. Some models send nothing where there is nothing to say. */
function parsed(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What no key could be made of must not stop the run: it is the model's mistake. */
function isKeyable(value: object): boolean {
  try {
    canonicalJson(value)
    return true
  } catch {
    return false
  }
}

function problem(name: string, what: string): ReadArguments {
  return { problem: `The arguments of "${name}" ${what}. It was not run. Call it again with a JSON object that fits.` }
}
