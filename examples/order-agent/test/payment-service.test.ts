import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Service } from '../src/demo/service.ts'
import { readJournal } from '../src/journal.ts'

const CHARGE = { orderId: '7', card: 'card_visa_4242', cents: 500, description: 'Order 7' }
const REFUND = { orderId: '7', cents: 500 }

interface Answered {
  readonly status: number
  readonly replayed: string | null
  readonly body: unknown
}

let directory: string
let log: string
let service: Service
let url: string

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'payments-'))
  log = join(directory, 'payments.jsonl')
  await start()
})

afterEach(() => {
  service.stop()
  rmSync(directory, { recursive: true, force: true })
})

describe('the payment service, as Stripe does', () => {
  it('answers a key again with its first answer, and charges once', async () => {
    const first = await post(CHARGE, 'a')
    const second = await post(CHARGE, 'a')
    expect(first).toMatchObject({ status: 200, replayed: null, body: { object: 'charge', cents: 500 } })
    expect(second).toEqual({ ...first, replayed: 'true' })
    expect(deeds()).toEqual(['charge'])
  })

  it('charges again under another key, and each time without one', async () => {
    for (const key of ['a', 'b', undefined, undefined]) await post(CHARGE, key)
    expect(deeds()).toEqual(['charge', 'charge', 'charge', 'charge'])
  })

  it('keeps a refusal like any other answer', async () => {
    const declined = { ...CHARGE, card: 'card_declined' }
    const first = await post(declined, 'a')
    expect(first).toMatchObject({ status: 402, body: { error: { code: 'card_declined' } } })
    expect(await post(declined, 'a')).toEqual({ ...first, replayed: 'true' })
    expect(deeds()).toEqual(['declined'])
  })

  it('refuses a key that comes with other parameters', async () => {
    await post(CHARGE, 'a')
    const other = await post({ ...CHARGE, cents: 501 }, 'a')
    expect(other).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } })
    expect(deeds()).toEqual(['charge'])
  })

  it('keeps nothing of a malformed request', async () => {
    expect(await post({ ...CHARGE, cents: 'many' }, 'a')).toMatchObject({ status: 400 })
    expect(await post(CHARGE, 'a')).toMatchObject({ status: 200, replayed: null })
  })

  it('refunds what was charged, once per key, and never more', async () => {
    await post(CHARGE, 'a')
    const first = await post(REFUND, 'b', '/v1/refunds')
    expect(first).toMatchObject({ status: 200, body: { object: 'refund', cents: 500 } })
    expect(await post(REFUND, 'b', '/v1/refunds')).toEqual({ ...first, replayed: 'true' })
    expect(await post(REFUND, 'c', '/v1/refunds')).toMatchObject({ status: 400 })
    expect(deeds()).toEqual(['charge', 'refund', 'refused'])
  })

  it('refuses a key that was used for another kind of deed', async () => {
    await post(CHARGE, 'a')
    const refund = await post(CHARGE, 'a', '/v1/refunds')
    expect(refund).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } })
    expect(deeds()).toEqual(['charge'])
  })

  it('remembers its keys over a restart', async () => {
    const first = await post(CHARGE, 'a')
    service.stop()
    await start()
    expect(await post(CHARGE, 'a')).toEqual({ ...first, replayed: 'true' })
  })

  it('tells when it has acted, and leaves that one client without an answer', async () => {
    const { acted } = await service.holdNextAnswer('charge')
    const hangingUp = new AbortController()
    const unanswered = post(CHARGE, 'a', '/v1/charges', hangingUp.signal)
    await acted
    expect(deeds()).toEqual(['charge'])
    hangingUp.abort()
    await expect(unanswered).rejects.toThrow('aborted')
    expect(await post(CHARGE, 'a')).toMatchObject({ status: 200, replayed: 'true' })
  })
})

async function start(): Promise<void> {
  const started = await Service.start('payment-service', log)
  service = started.service
  url = started.url
}

function deeds(): unknown[] {
  return readJournal(log).flatMap((line) => (line.params === undefined ? [] : [line.event]))
}

async function post(body: unknown, key?: string, path = '/v1/charges', signal?: AbortSignal): Promise<Answered> {
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) }
  const request = { method: 'POST', headers, body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) }
  const response = await fetch(url + path, request)
  return { status: response.status, replayed: response.headers.get('idempotent-replayed'), body: await response.json() }
}
