import { memberSpan } from './member-span.ts'

/**
 * The JSON of an object with the members in which `changed`, a copy of it, differs from `own`: put into the text, which is
 * not written anew. The rest is as it was when that was written, whatever its caller has done to `own` since.
 */
export function withChanges(text: string, own: object, changed: object): string {
  const before = own as Readonly<Record<string, unknown>>
  return Object.entries(changed)
    .filter(([name, value]) => before[name] !== value)
    .reduce((json, [name, value]) => withMember(json, name, value), text)
}

function withMember(json: string, name: string, value: unknown): string {
  const written = JSON.stringify(value)
  if (written === undefined) return json
  const span = memberSpan(json, name)
  if (span !== undefined) return json.slice(0, span.start) + written + json.slice(span.end)
  // Behind all others, which are what a host reads first.
  const end = json.lastIndexOf('}')
  const isEmpty = json.slice(0, end).trimEnd().endsWith('{')
  return `${json.slice(0, end)}${isEmpty ? '' : ','}${JSON.stringify(name)}:${written}${json.slice(end)}`
}
