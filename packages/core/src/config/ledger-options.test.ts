import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { createLedger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { memory, sqlite } from '../store/sqlite/sqlite.ts'

describe('a ledger', () => {
  test.each<[string, object, RegExp]>([
    ['with a misspelt way to wait', { wait: { timoutMs: 5 } }, /no option 'timoutMs'/],
    ['with a wait that is no number', { wait: { timeoutMs: Number.NaN } }, /timeoutMs must be a number/],
    ['with a word of onBusy that there is not', { wait: { onBusy: 'thorw' } }, /onBusy is 'thorw'/],
    ['with a path for a store', { store: './x.db' }, /must be a store/],
    ['with a session that all who leave it empty would share', { session: '' }, /session is ''/],
    ['with a session that is a pattern of others', { session: 'night*' }, /does not end in \*/],
    ['with a session that is no text', { session: 5 }, /session is '5'/],
    ['with null for a store', { store: null }, /must be a store/],
    ['with a key for a codec', { codec: 'correct horse' }, /must be a codec/],
    ['with no codec in its list', { codec: [] }, /empty list/],
    ['with a word about unknown prices that there is not', { unknownPrice: 'guess' }, /unknownPrice is 'guess'/],
    ['with an allowance that is a plain number', { unboundedCalls: { allowance: 1 } }, /Write usd\(1\)/],
    ['with a word about unbounded calls that there is not', { unboundedCalls: 'allow' }, /'refuse' or \{ allowance/],
    ['with a misspelt way to wait for a budget', { waitForBudget: { timoutMs: 5 } }, /waitForBudget.*'timoutMs'/],
    ['with a wait for a budget that is a number', { waitForBudget: 5 }, /waitForBudget is an object/],
    [
      'with a price that is none',
      { prices: { overrides: { openai: { 'gpt-x': { input: -1 } } } } },
      /createLedger: prices/,
    ],
    ['with a tokenizer that counts nothing', { tokenizer: { encode: () => [] } }, /tokenizer must be an object/],
    ['with scopes in a list', { scopes: ['user:ann'] }, /scopes is an object/],
    ['with a list of names to redact', { redact: ['password'] }, /redactFields/],
  ])('%s is a ConfigError', (_, options, message) => {
    expect(() => createLedger(options)).toThrow(ConfigError)
    expect(() => createLedger(options)).toThrow(message)
  })
})

test('a price file that cannot be read is told with the variable that names it', () => {
  vi.stubEnv('HOLDFAST_PRICES_FILE', './no-such-prices.json')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(() => createLedger({ store: memory() })).toThrow(/^HOLDFAST_PRICES_FILE: .*no-such-prices\.json/)
  expect(() => createLedger({ store: memory(), prices: { file: './other.json' } })).toThrow(/^The price file \.\/other/)
})

describe('a SQLite store', () => {
  test.each(['sqlite:./x.db', 'file:/tmp/x.db'])('by the URL %s is a ConfigError, not a folder', (url) => {
    expect(() => sqlite(url)).toThrow(ConfigError)
  })

  test('with a misspelt option is a ConfigError', () => {
    expect(() => sqlite(':memory:', { busyMS: 1 } as object)).toThrow(/no option 'busyMS'/)
  })
})

test('a call that is told to wait in a misspelt way is a ConfigError, and its body does not run', async () => {
  await using ledger = createLedger({ store: memory() })
  let ran = 0
  const send = tool({ name: 'send', execute: (_: object) => ++ran })
  const call = ledger.run(() => send({}, { wait: { timeout: 5 } as object }))
  await expect(call).rejects.toThrow(/no option 'timeout'/)
  expect(ran).toBe(0)
})
