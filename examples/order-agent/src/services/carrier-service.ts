// The carrier, a process of its own: books parcels, calls them back, and says where they are.
import { Journal } from '../journal.ts'
import { IdempotentApi } from './idempotent-api.ts'
import { serveJson } from './json-server.ts'
import { journalPath, startService } from './service-process.ts'
import { recalls, shipments } from './shipments.ts'
import { isTracking, track } from './tracking.ts'

const journal = new Journal(journalPath())
const api = new IdempotentApi(journal, shipments, recalls)
startService(() => serveJson((request) => (isTracking(request) ? track(journal, request) : api.handle(request))))
