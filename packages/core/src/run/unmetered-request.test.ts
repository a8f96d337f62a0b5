import { expect, test, vi } from 'vitest'
import { UnmeteredRequestError } from '../errors/unmetered-request-error.ts'
import { temporaryLedger } from '../testing/story.ts'

const POST = { method: 'POST', url: 'https://api.example.com/v1/oracles' }

test('a request of unknown cost passes, and is told with the run that it is made in', async () => {
  const ledger = temporaryLedger()
  const told = vi.fn()
  ledger.on('request-unmetered', told)
  ledger.unmetered(POST)
  await ledger.run({ id: 'r' }, () => ledger.unmetered(POST))
  await ledger.run({ id: 'elsewhere' }, () => temporaryLedger().unmetered(POST))
  expect(told.mock.calls).toEqual([[{ runId: null, ...POST }], [{ runId: 'r', ...POST }]])
})

test.each([
  ['https://api.example.com/v1/oracles?key=secret#secret', POST.url],
  ['https://ann:secret@api.example.com/v1/oracles', POST.url],
  ['https://a@secret@api.example.com/v1/oracles?a=b?c', POST.url],
  ['//ann:secret@api.example.com/v1', '//api.example.com/v1'],
  ['https://api.example.com/v1/@ann', 'https://api.example.com/v1/@ann'],
  ['/v1/oracles?key=secret', '/v1/oracles'],
  ['', ''],
])('%s is told without its query and credentials', (url, shown) => {
  const ledger = temporaryLedger()
  const told = vi.fn()
  ledger.on('request-unmetered', told)
  ledger.unmetered({ method: 'GET', url })
  expect(told).toHaveBeenCalledWith({ runId: null, method: 'GET', url: shown })
})

test('a ledger that refuses them says which, without its secrets, and goes on', async () => {
  const ledger = temporaryLedger({ unmetered: 'refuse' })
  const told = vi.fn()
  ledger.on('request-unmetered', told)
  const error = await ledger
    .run({ id: 'r' }, () => ledger.unmetered({ method: 'POST', url: `${POST.url}?key=secret` }))
    .catch((thrown: unknown) => thrown)
  const refused = UnmeteredRequestError.find(error)
  expect(refused).toMatchObject({ code: 'unmetered-request', status: 402, ...POST })
  expect(JSON.stringify(refused)).not.toContain('secret')
  expect(told).not.toHaveBeenCalled()
})
