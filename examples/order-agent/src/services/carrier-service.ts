// The carrier, a process of its own: books parcels.
import { randomBytes } from 'node:crypto'
import { Journal } from '../journal.ts'
import { type Endpoint, IdempotentEndpoint } from './idempotent-endpoint.ts'
import { serveJson } from './json-server.ts'
import { journalPath, startService } from './service-process.ts'

const shipments: Endpoint = {
  path: '/v1/shipments',
  check: ({ address }) => (typeof address === 'string' ? undefined : "Missing required param: 'address'."),
  act: ({ address }) => {
    const id = `shp_${randomBytes(8).toString('hex')}`
    const tracking = `HF${randomBytes(5).toString('hex').toUpperCase()}`
    return { event: 'shipment', id, status: 200, body: { id, object: 'shipment', tracking, address } }
  },
}

const endpoint = new IdempotentEndpoint(shipments, new Journal(journalPath()))
startService(() => serveJson((request) => endpoint.handle(request)))
