import Database from 'better-sqlite3'
import { heading, prove, say, shortPath, show } from '../demo/screen.ts'
import type { Stage } from '../demo/stage.ts'

const QUERY = 'SELECT run_id, tool, status, attempt FROM holdfast_effects ORDER BY id'
const ENDS: readonly string[] = ['succeeded', 'failed', 'compensated']

/** The end: whether the ledger's own books are in order, where it lies, and two ways to look inside. */
export async function whereToLook(stage: Stage, orderId: string): Promise<void> {
  heading('9  Where it is written')
  say(`The ledger is ${shortPath(stage.files.ledger)}: a SQLite file that any tool opens.`)
  const rows = ask(stage.files.ledger)
  show(`sqlite3 -header -column ${shortPath(stage.files.ledger)} '${QUERY}'\n\n${table(rows)}`)
  say('A run again, as a timeline:')
  show(`npm run timeline -w @holdfast-examples/order-agent -- order-${orderId}`)
  say(
    `Beside it lie the shop's database and the logs of the outside world: payments.jsonl, shipments.jsonl, outbox.jsonl, model.jsonl.`,
  )

  const { ok } = await stage.ledger.verify()
  prove(`${rows.length} deeds on record, none twice and none half done, and the ledger's own books are in order.`, {
    'verify finds no problem': ok,
    'each deed is one row': new Set(rows.map(([run, tool]) => `${run} ${tool}`)).size === rows.length,
    'none is left in the middle': rows.every(([, , status]) => ENDS.includes(String(status))),
  })
}

/** Asks the file what the reader is invited to ask. */
function ask(path: string): readonly (readonly unknown[])[] {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare(QUERY).raw().all() as unknown[][]
  } finally {
    database.close()
  }
}

function table(rows: readonly (readonly unknown[])[]): string {
  return rows
    .map((row) =>
      row
        .map((cell) => String(cell).padEnd(14))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}
