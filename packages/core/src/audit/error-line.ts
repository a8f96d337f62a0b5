import { clip } from './brief-value.ts'

const MAX = 100

/** An error in one line: `CardError: card declined`. */
export function errorLine(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'no reason recorded'
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown }
  const text = typeof message === 'string' ? message : ''
  return clip(name === 'Error' || typeof name !== 'string' ? text : `${name}: ${text}`, MAX)
}
