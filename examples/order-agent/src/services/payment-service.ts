// The payment service, a process of its own: charges cards and refunds them, and keeps the log that proves how often.
import { Journal } from '../journal.ts'
import { charges } from './charges.ts'
import { IdempotentApi } from './idempotent-api.ts'
import { type JsonAnswer, type JsonRequest, serveJson } from './json-server.ts'
import { refunds } from './refunds.ts'
import { journalPath, startService, tell } from './service-process.ts'

const journal = new Journal(journalPath())
const api = new IdempotentApi(journal, charges, refunds(journal))
/** The deed whose next answer is kept back. */
let held: unknown

process.on('message', (deed) => {
  held = deed
  tell({ kind: 'holding' })
})

function handle(request: JsonRequest): JsonAnswer | undefined {
  const answer = api.handle(request)
  if (answer.did === undefined || answer.did !== held) return answer
  // The money has moved and the log says so; but this client will never hear of it.
  held = undefined
  tell({ kind: 'acted' })
  return undefined
}

startService(() => serveJson(handle))
