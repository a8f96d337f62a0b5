/** A tool's result as a model reads it: a text as it is, everything else as JSON. */
export function resultText(result: unknown): string {
  if (result === undefined) return 'Done. It returned nothing.'
  if (typeof result === 'string') return result
  try {
    return JSON.stringify(result, shown)
  } catch {
    return 'Done. What it returned cannot be shown as JSON.'
  }
}

/** A failure as a model reads it: by the name and the message that are on record, so that a resumed run says the same. */
export function failureText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return `Error: ${String(error)}`
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown }
  return `${typeof name === 'string' ? name : 'Error'}: ${typeof message === 'string' ? message : resultText(error)}`
}

/** Its beginning, where it is too long, and a word about that. */
export function bounded(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  return `${text.slice(0, maxChars).toWellFormed()}\n\n[Cut off: these are ${maxChars} of ${text.length} characters.]`
}

/** What tools may return beside plain data, and JSON would lose. */
function shown(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  if (value instanceof Error) return { name: value.name, message: value.message }
  return value
}
