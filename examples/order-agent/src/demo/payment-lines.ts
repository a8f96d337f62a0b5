import type { JournalLine } from '../journal.ts'
import { faint, say, show } from './screen.ts'

/** Shows the payment service's own log of an order. */
export function showPayments(log: readonly JournalLine[]): void {
  say("The payment service's own log of this order:")
  show(log.map(logLine).join('\n'))
}

function logLine(line: JournalLine): string {
  const who = String(line.client ?? '').padEnd(20)
  const what = String(line.event).padEnd(9)
  return `${who} ${what} ${faint(String(line.key))} ${line.id ?? ''}`.trimEnd()
}
