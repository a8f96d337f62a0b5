import { expect, test, vi } from 'vitest'
import { aesGcm } from '../codec/aes-gcm.ts'
import type { Codec } from '../codec/codec.ts'
import { ConfigError } from '../errors/config-error.ts'
import { createLedger } from '../ledger.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { LedgerOptions } from './ledger-options.ts'

test('a ledger of a name that lives is reconfigured, and keeps its store and its listeners', async () => {
  const ledger = temporaryLedger({ name: 'shop', maxValueBytes: 100 })
  const told = vi.fn()
  ledger.on('run-closed', told)
  const long = { note: 'x'.repeat(200) }
  const charge = countedTool('charge')
  await expect(ledger.run({ id: 'a' }, () => charge(long))).rejects.toThrow('cannot be recorded')
  const again = createLedger({ name: 'shop' })
  expect(again).toBe(ledger)
  expect(await again.run({ id: 'b' }, () => charge(long))).toContain('charge of x')
  expect(await again.runs.list()).toHaveLength(2)
  expect(told).toHaveBeenCalledTimes(2)
})

test('a ledger of a name that was closed does not live any more: the next one is new', async () => {
  const first = temporaryLedger({ name: 'shop' })
  await first.run({ id: 'a' }, () => 1)
  await first.close()
  const second = temporaryLedger({ name: 'shop' })
  expect(await second.run({ id: 'a' }, () => 2)).toBe(2)
  expect(second.location).not.toBe(first.location)
})

test('a ledger of a name that lives is not given another store without a word', () => {
  const ledger = temporaryLedger({ name: 'shop' })
  expect(() => createLedger({ name: 'shop', store: sqlite('./elsewhere.db') })).toThrow(/elsewhere\.db/)
  expect(createLedger({ name: 'shop', store: sqlite(ledger.location) })).toBe(ledger)
})

test('a ledger of a name that lives is not told to encrypt with other keys without a word', () => {
  const [first, second] = [1, 2].map((byte) => aesGcm({ id: `k${byte}`, key: Buffer.alloc(32, byte) }))
  const ledger = temporaryLedger({ name: 'shop', codec: first as Codec })
  expect(() => createLedger({ name: 'shop', codec: [second as Codec, first as Codec] })).toThrow(/with the codecs k1/)
  expect(createLedger({ name: 'shop', codec: first as Codec })).toBe(ledger)
  temporaryLedger({ name: 'plain' })
  expect(() => createLedger({ name: 'plain', codec: first as Codec })).toThrow(/without a codec/)
})

test('ledgers of other names, or of none, are others', () => {
  const ledger = temporaryLedger({ name: 'one' })
  expect(temporaryLedger({ name: 'two' })).not.toBe(ledger)
  expect(temporaryLedger()).not.toBe(temporaryLedger())
})

test.each<[string, object]>([
  ['a budget that is a plain number', { limits: { budget: 2 } }],
  ['a wrong unmetered', { unmetered: 'ask' }],
  ['a wrong durability', { durability: 'sometimes' }],
  ['a wrong onOutage', { onOutage: 'panic' }],
  ['a lease of nothing', { leaseMs: 0 }],
])('%s is refused at once', (_, options) => {
  expect(() => createLedger(options as LedgerOptions)).toThrow(ConfigError)
})
