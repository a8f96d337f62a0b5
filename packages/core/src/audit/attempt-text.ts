import { briefValue } from './brief-value.ts'
import type { ExportedEntry, StoredValue } from './run-export.ts'
import { detailOf } from './run-facts.ts'

const ARGS_MAX = 48
/** Their entries name the attempt that has failed, and stand for the next one. */
const RETRIES: ReadonlySet<string> = new Set(['effect-retried', 'compensation-retried'])

/** Arguments after a tool's name; nothing where there are none. */
export function argsText(args: StoredValue | undefined): string {
  const text = args === undefined ? '' : briefValue(args, ARGS_MAX)
  return text === '' || text === '{}' || text === 'undefined' ? '' : ` ${text}`
}

/** Only what is not the first of its kind is worth a word. */
export function attemptText(entry: ExportedEntry): string {
  const recorded = Number(detailOf(entry, 'attempt') ?? 1)
  const attempt = RETRIES.has(entry.kind) ? recorded + 1 : recorded
  const generation = Number(detailOf(entry, 'generation') ?? 1)
  const words = [
    ...(generation > 1 ? [`generation ${generation}`] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}
