// The payment service, a process of its own: charges cards, and keeps the log that proves how often.
import { Journal } from '../journal.ts'
import { charges } from './charges.ts'
import { IdempotentEndpoint } from './idempotent-endpoint.ts'
import { type JsonAnswer, type JsonRequest, serveJson } from './json-server.ts'
import { journalPath, startService, tell } from './service-process.ts'

const endpoint = new IdempotentEndpoint(charges, new Journal(journalPath()))
let holdNext = false

process.on('message', () => {
  holdNext = true
  tell({ kind: 'holding' })
})

function handle(request: JsonRequest): JsonAnswer | undefined {
  const answer = endpoint.handle(request)
  if (!holdNext || !answer.acted) return answer
  // The money has moved and the log says so; but this client will never hear of it.
  holdNext = false
  tell({ kind: 'acted' })
  return undefined
}

startService(() => serveJson(handle))
