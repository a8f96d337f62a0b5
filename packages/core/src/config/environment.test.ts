import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { createLedger } from '../ledger.ts'
import { memory } from '../store/sqlite/sqlite.ts'
import { usd } from '../usd.ts'
import { readEnvironment } from './environment.ts'

describe('the environment', () => {
  test('says where the ledger is: HOLDFAST_DB_URL first, then a DATABASE_URL that can hold it', () => {
    const own = 'sqlite:./own.db'
    const shared = 'postgres://localhost/app'
    expect(readEnvironment({}).dbUrl()).toBeUndefined()
    expect(readEnvironment({ DATABASE_URL: shared }).dbUrl()).toBe(shared)
    expect(readEnvironment({ DATABASE_URL: shared, HOLDFAST_DB_URL: own }).dbUrl()).toBe(own)
  })

  test('with a DATABASE_URL of another kind is refused, and its password is not told', () => {
    const read = () => readEnvironment({ DATABASE_URL: 'mongodb://ann:secret@localhost/app' }).dbUrl()
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(/mongodb:/)
    expect(read).not.toThrow(/secret/)
  })

  test('with a DATABASE_URL of another kind says nothing to a ledger that is given its store', () => {
    vi.stubEnv('DATABASE_URL', 'file:./dev.db')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(createLedger({ store: memory() }).location).toBe(':memory:')
    expect(() => createLedger()).toThrow(ConfigError)
  })

  test('with a variable that this version does not honour is refused', () => {
    expect(() => readEnvironment({ HOLDFAST_LOG_LEVEL: 'debug' })).toThrow('HOLDFAST_LOG_LEVEL')
  })

  test('has a budget for calls outside of runs, in dollars', () => {
    expect(readEnvironment({}).budget).toBeUndefined()
    expect(readEnvironment({ HOLDFAST_BUDGET: '' }).budget).toBeUndefined()
    expect(readEnvironment({ HOLDFAST_BUDGET: '2.50' }).budget).toBe(usd('2.50'))
    for (const wrong of ['0', '-1', '$2', '2 USD', '1e3', 'NaN', '0.000000001', '99999999999'])
      expect(() => readEnvironment({ HOLDFAST_BUDGET: wrong })).toThrow(`HOLDFAST_BUDGET is '${wrong}'`)
  })

  test('says whether and when a loop is stopped', () => {
    expect(readEnvironment({ HOLDFAST_LOOP: 'false', HOLDFAST_LOOP_REPEATS: '100' })).toMatchObject({
      ...{ loop: false, loopRepeats: 100 },
    })
    expect(readEnvironment({ HOLDFAST_LOOP: 'true' }).loop).toBe(true)
    expect(readEnvironment({})).toMatchObject({ loop: undefined, loopRepeats: undefined })
    expect(() => readEnvironment({ HOLDFAST_LOOP: 'no' })).toThrow("HOLDFAST_LOOP is 'no'")
    for (const wrong of ['0', '101', '2.5'])
      expect(() => readEnvironment({ HOLDFAST_LOOP_REPEATS: wrong })).toThrow('HOLDFAST_LOOP_REPEATS')
  })

  test('names the session, and none by an empty word, which all who leave it so would share', () => {
    expect(readEnvironment({ HOLDFAST_SESSION: 'nightly' }).session).toBe('nightly')
    expect(readEnvironment({ HOLDFAST_SESSION: '' }).session).toBeUndefined()
    expect(() => readEnvironment({ HOLDFAST_SESSION: 'night*' })).toThrow("HOLDFAST_SESSION is 'night*'")
  })

  test('names a file of prices', () => {
    expect(readEnvironment({ HOLDFAST_PRICES_FILE: './prices.json' }).pricesFile).toBe('./prices.json')
    expect(readEnvironment({ HOLDFAST_PRICES_FILE: '' }).pricesFile).toBeUndefined()
  })

  test('has numbers and choices, which are checked and named when they are wrong', () => {
    const variables = { HOLDFAST_STORE_RETRIES: '0', HOLDFAST_STORE_RETRY_MS: '250', HOLDFAST_ON_OUTAGE: 'allow' }
    expect(readEnvironment(variables)).toMatchObject({ storeRetries: 0, storeRetryMs: 250, onOutage: 'allow' })
    expect(() => readEnvironment({ HOLDFAST_STORE_RETRIES: '-1' })).toThrow('HOLDFAST_STORE_RETRIES')
    expect(() => readEnvironment({ HOLDFAST_STORE_RETRIES: '1.5' })).toThrow('HOLDFAST_STORE_RETRIES')
    expect(() => readEnvironment({ HOLDFAST_ON_OUTAGE: 'maybe' })).toThrow('HOLDFAST_ON_OUTAGE')
    expect(readEnvironment({ HOLDFAST_ON_OUTAGE: '' }).onOutage).toBeUndefined()
  })
})
