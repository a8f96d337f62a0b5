// The carrier, a process of its own: books parcels, and calls them back.
import { Journal } from '../journal.ts'
import { IdempotentApi } from './idempotent-api.ts'
import { serveJson } from './json-server.ts'
import { journalPath, startService } from './service-process.ts'
import { recalls, shipments } from './shipments.ts'

const api = new IdempotentApi(new Journal(journalPath()), shipments, recalls)
startService(() => serveJson((request) => api.handle(request)))
