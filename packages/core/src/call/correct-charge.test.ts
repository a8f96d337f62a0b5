import { describe, expect, test, vi } from 'vitest'
import { formatRun } from '../audit/format-run.ts'
import type { Limits } from '../config/limits.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { Ledger } from '../ledger.ts'
import { Story, temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { UsageReading } from '../usage/usage-reading.ts'
import { type Usd, usd } from '../usd.ts'
import type { CallRequest } from './call-request.ts'
import { asker, EXTERNAL_ID } from './testing/owed-answer.ts'

/** A token of output costs 2,000 nano-USD, one of input nothing. */
const acme = { 'acme-1': { input: 0, output: 2 }, 'acme-2': { input: 0, output: 1 } }
const prices = { overrides: { acme } }
const HELD = 8_000_000
const call = { provider: 'acme', model: 'acme-1', request: { messages: [], max_tokens: 4_000 } }
const externalId = 'acme:resp_1'

interface Owed {
  readonly id?: string
  readonly limits?: Limits
  readonly more?: Partial<CallRequest<string>>
  readonly as?: string
}

/** A run that made a call whose answer its provider owes, and has ended. */
function owed(ledger: Ledger, { id = 'r', limits = { budget: usd(1) }, more, as = externalId }: Owed = {}) {
  const how = { seen: () => ({ externalId: as }) }
  return ledger.run({ id, limits }, (run) => run.call({ ...call, ...more }, async () => 'queued', how))
}

function output(tokens: number, more: Partial<UsageReading> = {}): UsageReading {
  return { usage: { input: 1, output: tokens }, complete: true, others: [], ...more }
}

async function spentOn(ledger: Ledger, scope = 'run:r'): Promise<number> {
  return (await ledger.scopes.usage(scope)).spent
}

describe('the reading of an owed answer', () => {
  test('takes the place of the charge, and is shown wherever the call is', async () => {
    const ledger = temporaryLedger({ prices })
    const told = vi.fn()
    ledger.on('call-corrected', told)
    await owed(ledger)
    expect(await spentOn(ledger)).toBe(HELD)
    const answer = await ledger.correct({ externalId, reading: output(1_000) })
    const facts = { runId: 'r', before: HELD, spent: 2_000_000, estimated: false }
    expect(answer).toEqual({ kind: 'corrected', callId: expect.any(Number), ...facts })
    expect(told.mock.calls).toEqual([[{ model: 'acme-1', externalId, ...facts }]])
    expect(await spentOn(ledger)).toBe(2_000_000)
    expect(await spentOn(ledger, 'ledger')).toBe(2_000_000)
    const [view] = await ledger.calls.list()
    const cost = { status: 'settled', held: HELD, spent: 2_000_000, exactUsd: '0.002', tokens: 1_001, estimated: false }
    expect(view).toMatchObject({ externalId, usage: { input: 1, output: 1_000 }, cost })
    expect(view?.cost?.priceVersion).toMatch(/^[0-9a-f]{16}$/)
    const recorded = await ledger.runs.export('r')
    expect(recorded.calls[0]).toMatchObject({ usage: { output: 1_000 }, cost: { spentNano: 2_000_000 } })
    expect(recorded.entries.at(-1)?.kind).toBe('hold-corrected')
    expect(formatRun(recorded)).toContain('turned out to cost $0.002')
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('counts once, and the first that is complete stays', async () => {
    const ledger = temporaryLedger({ prices })
    await owed(ledger)
    const readings = [output(1_000), output(1_000), output(3)]
    const answers = await Promise.all(readings.map((reading) => ledger.correct({ externalId, reading })))
    expect(answers.map(({ kind }) => kind)).toEqual(['corrected', 'already-corrected', 'already-corrected'])
    expect(await spentOn(ledger)).toBe(2_000_000)
  })

  test('makes room where the limit was full', async () => {
    const limits = { budget: 8_100_000 as Usd }
    const ledger = temporaryLedger({ prices, scopes: { 'org:a': limits } })
    await ledger.run({ id: 'r', scopes: ['org:a'] }, (run) =>
      run.call(call, async () => 'queued', { seen: () => ({ externalId }) }),
    )
    const more = () => ledger.run({ scopes: ['org:a'] }, (run) => run.call(call, async () => output(9)))
    await expect(more()).rejects.toMatchObject({ code: 'budget-exceeded' })
    await ledger.correct({ externalId, reading: output(1_000) })
    expect((await ledger.scopes.usage('org:a')).remaining).toBe(6_100_000)
    await expect(more()).resolves.toBeDefined()
  })

  test('that comes to more than was held is recorded in full and told as an overrun', async () => {
    const ledger = temporaryLedger({ prices })
    const overrun = vi.fn()
    const reached = vi.fn()
    ledger.on('overrun', overrun)
    ledger.on('threshold-reached', reached)
    await owed(ledger, { limits: { budget: usd(0.01), thresholds: [0.9] } })
    await ledger.correct({ externalId, reading: output(6_000) })
    expect(await spentOn(ledger)).toBe(12_000_000)
    expect(overrun.mock.calls).toEqual([[{ runId: 'r', model: 'acme-1', over: 4_000_000, overTokens: 0 }]])
    expect(reached.mock.calls).toMatchObject([[{ runId: 'r', scope: 'run:r', threshold: 0.9, spent: 12_000_000 }]])
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('is of whoever answered: as the reading says, or whoever corrects', async () => {
    const ledger = temporaryLedger({ prices })
    for (const id of ['a', 'b']) await owed(ledger, { id, as: `acme:${id}` })
    await ledger.correct({ externalId: 'acme:a', reading: output(1_000, { model: 'acme-2' }), model: 'acme-1' })
    await ledger.correct({ externalId: 'acme:b', reading: output(1_000), model: 'acme-2' })
    expect([await spentOn(ledger, 'run:a'), await spentOn(ledger, 'run:b')]).toEqual([1_000_000, 1_000_000])
  })

  test('of a batch counts each model at its own price', async () => {
    const ledger = temporaryLedger({ prices })
    await owed(ledger)
    const others = [output(1_000, { model: 'acme-2' })]
    await ledger.correct({ externalId, reading: output(1_000, { model: 'acme-1', others }) })
    expect(await spentOn(ledger)).toBe(3_000_000)
  })

  test('that nothing was used is believed, also by a ledger that does not know the price', async () => {
    const folder = temporaryFolder()
    await owed(temporaryLedger({ prices }, folder))
    const other = temporaryLedger({}, folder)
    const reading = { usage: { input: 0, output: 0 }, complete: true, others: [] }
    expect(await other.correct({ externalId, reading })).toMatchObject({ spent: 0, estimated: false })
    expect(await spentOn(other)).toBe(0)
    expect(await other.verify()).toMatchObject({ ok: true })
  })
})

describe('what is not known in full', () => {
  test.each<[string, UsageReading]>([
    ['a side that is missing', { usage: { output: 10 }, complete: false, others: [] }],
    ['nothing at all', { usage: {}, complete: true, others: [] }],
    ['a part without a price', { usage: { input: 1, output: 10, documentPages: 3 }, complete: true, others: [] }],
  ])('counts as all that was held until a whole reading comes: %s', async (_, reading) => {
    const ledger = temporaryLedger({ prices })
    await owed(ledger)
    const held = { before: HELD, spent: HELD, estimated: true }
    expect(await ledger.correct({ externalId, reading })).toMatchObject({ kind: 'corrected', ...held })
    expect((await ledger.calls.list())[0]?.cost).toMatchObject({ estimated: true, exactUsd: null })
    expect((await ledger.calls.list())[0]?.cost?.tokens).toBeGreaterThanOrEqual(4_000)
    expect(await ledger.correct({ externalId, reading: output(1_000) })).toMatchObject({ spent: 2_000_000 })
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('counts for more where what was told comes to more', async () => {
    const ledger = temporaryLedger({ prices })
    await owed(ledger)
    const reading = { usage: { output: 6_000 }, complete: false, others: [] }
    expect(await ledger.correct({ externalId, reading })).toMatchObject({ spent: 12_000_000, estimated: true })
  })

  test('a ledger that does not know the price leaves the charge as it is, and one that does corrects it', async () => {
    const folder = temporaryFolder()
    const knowing = temporaryLedger({ prices }, folder)
    await owed(knowing)
    const other = temporaryLedger({}, folder)
    expect(await other.correct({ externalId, reading: output(1) })).toMatchObject({ spent: HELD, estimated: true })
    const facts = { spent: 2_000, estimated: false }
    expect(await knowing.correct({ externalId, reading: output(1) })).toMatchObject(facts)
  })

  test('a price that was given to the call alone is not on record, and no other is taken for it', async () => {
    const ledger = temporaryLedger({ prices })
    await owed(ledger, { more: { price: { input: 0, output: 3, per: 1_000_000 } } })
    const answer = await ledger.correct({ externalId, reading: output(1) })
    expect(answer).toMatchObject({ spent: 12_000_000, estimated: true })
  })
})

test('an id that nobody knows corrects nothing', async () => {
  const ledger = temporaryLedger({ prices })
  await owed(ledger)
  expect(await ledger.correct({ externalId: 'acme:resp_2', reading: output(1) })).toEqual({ kind: 'unknown' })
  expect(await spentOn(ledger)).toBe(HELD)
})

test('another process corrects what one that was killed had asked for', async () => {
  const story = new Story(new URL('./testing/owed-answer.ts', import.meta.url), asker)
  await story.killedAt('asked')
  const ledger = story.ledger()
  const before = await spentOn(ledger, 'run:turn')
  const reading = output(10, { model: 'gpt-5-mini-2025-08-07' })
  const answer = await ledger.correct({ externalId: EXTERNAL_ID, reading })
  expect(answer).toMatchObject({ kind: 'corrected', runId: 'turn', before, estimated: false })
  const after = await spentOn(ledger, 'run:turn')
  // 0.25 and 2 dollars a million.
  expect([before > 2_000_000, after]).toEqual([true, 20_250])
  expect(await ledger.verify()).toMatchObject({ ok: true })
  await story.resumed()
  expect(await spentOn(ledger, 'run:turn')).toBe(after)
})

test.each<[string, object]>([
  ['no id', { externalId: '', reading: output(1) }],
  ['no reading', { externalId }],
  ['usage of words', { externalId, reading: { ...output(1), usage: { output: 'many' } } }],
  ['less than nothing', { externalId, reading: { ...output(1), usage: { output: -1 } } }],
  ['others that are none', { externalId, reading: { ...output(1), others: [{}] } }],
  ['a misspelt member', { externalId, reading: output(1), usage: {} }],
])('%s is refused, and changes nothing', async (_, correction) => {
  const ledger = temporaryLedger({ prices })
  await owed(ledger)
  await expect(ledger.correct(correction as never)).rejects.toThrow(ConfigError)
  expect(await spentOn(ledger)).toBe(HELD)
})
