/** The fields of a form as a plain object, repeated ones as lists; of a file what describes it. */
export function formFields(form: FormData | URLSearchParams): Readonly<Record<string, unknown>> {
  const fields = new Map<string, unknown[]>()
  for (const [name, value] of form.entries()) {
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [described(value)])
    else values.push(described(value))
  }
  return Object.fromEntries([...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

function described(value: string | File): unknown {
  return typeof value === 'string' ? value : { name: value.name, type: value.type, size: value.size }
}
