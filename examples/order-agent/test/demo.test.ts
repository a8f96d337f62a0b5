import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatUsd } from 'holdfast'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stateFiles } from '../src/config.ts'
import { type JournalLine, readJournal } from '../src/journal.ts'
import { type Ran, runProgram } from './run-program.ts'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const directory = mkdtempSync(join(tmpdir(), 'order-agent-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the demo', () => {
  let demo: Ran

  beforeAll(async () => {
    demo = await runProgram(MAIN, [directory])
  })

  it('ends well and proves one thing a scene', () => {
    expect(demo).toMatchObject({ code: 0, errors: '' })
    expect(demo.output.match(/^✔ Proven: /gm)).toHaveLength(9)
    expect(demo.output).toContain('one charge of $49.90, one parcel, one mail, stock 8 → 7')
    expect(demo.output).toContain('one charge of $129.00 for two requests under one key; one mail, stock 5 → 3')
    expect(demo.output).toContain('one charge and one refund of $89.00, then the stock put back; no parcel, no mail')
    expect(demo.output).toContain('no refund before the yes, one of $49.90 after it, and one mail')
    expect(demo.output).toContain(
      'one refund of $39.00 for two requests under one key; all of it undone, in order, once',
    )
    expect(demo.output).toMatch(
      /of 50 calls at once from 4 processes exactly 2 reached the model; 48 × \$0\.0000\d+ = \$0\.00\d+ saved/,
    )
    expect(demo.output).toMatch(
      /advised, it asked again, and was stopped .*: 6 of the 12 turns of its loop, \$0\.00\d+ spent, at least 6 × /,
    )
  })

  it('leaves a payment log with two requests and one charge of the order that was interrupted', () => {
    expect(eventsOf('1002')).toEqual(['request', 'charge', 'request', 'replayed'])
    expect(keysOf('1002')).toHaveLength(1)
  })

  it('leaves a payment log with a charge and its refund of the order that could not be shipped', () => {
    expect(eventsOf('1003')).toEqual(['request', 'charge', 'request', 'refund'])
    expect(keysOf('1003')).toHaveLength(2)
  })

  it('leaves a payment log with one refund of the order whose undoing was interrupted', () => {
    expect(eventsOf('1004')).toEqual(['request', 'charge', 'request', 'refund', 'request', 'replayed'])
    expect(keysOf('1004')).toHaveLength(2)
  })

  it('shows the question, the person who said yes, and the undo beside what it undid', () => {
    expect(demo.output).toContain('refund-card: approved by maria@example.com: "she sent a photo"')
    expect(demo.output).toMatch(/✓ charge-card .*↩ compensated/)
    expect(demo.output).toMatch(/⚑ refund-card .*needs an approval/)
  })

  it('asks the model nothing twice, although it died in between', () => {
    const expected = ['find-order', 'take-stock', 'charge-card', 'book-shipping', 'send-mail', 'words']
    expect(modelLog('1002').map((line) => line.with)).toEqual(expected)
  })

  it('leaves a model log with two requests of the fifty, and bills of which the account is the sum', () => {
    const drafts = modelLog('1001').filter(({ advice, messages }) => messages === 1 && advice === undefined)
    expect(drafts).toHaveLength(2)
    expect(demo.output).toContain(`user:ann: ${formatUsd(billOf(drafts))} spent, $0.00 held`)
    expect(demo.output).toMatch(
      /could break the budget of 'user:ann': of \$0\.01, \$0\.00 is spent and \$0\.00\d+ is held/,
    )
  })

  it('leaves the logs of a loop: five questions to the carrier, six turns, advice in the last', () => {
    const turns = modelLog('1001').filter((line) => line.with === 'track-parcel')
    expect(turns.map(({ advice }) => advice !== undefined)).toEqual([false, false, false, false, false, true])
    const tracked = readJournal(stateFiles(directory).shipments).filter(({ event }) => event === 'tracked')
    expect(tracked).toHaveLength(5)
    expect(demo.output).toContain(`${formatUsd(billOf(turns))} spent`)
  })

  it('prints no colours into a pipe', () => {
    expect(demo.output).not.toContain('\u001b[')
  })

  it('shows the ledger that it says it shows', () => {
    expect(demo.output).toContain('holdfast_effects')
    expect(demo.output).toMatch(/order-1002\s+charge-card\s+succeeded\s+2/)
    expect(demo.output).toMatch(/order-1004\s+charge-card\s+compensated\s+1/)
  })
})

it('fails when what it would say is not true', async () => {
  const state = mkdtempSync(join(directory, 'no-model-'))
  // Nobody listens on the discard port, so no order can be fulfilled.
  const model = { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }
  const { code, output } = await runProgram(MAIN, [state], model)
  expect(code).toBe(1)
  expect(output).not.toContain('Proven')
})

function paymentsOf(orderId: string): readonly JournalLine[] {
  return readJournal(stateFiles(directory).payments).filter((line) => line.orderId === orderId)
}

function modelLog(orderId: string): readonly JournalLine[] {
  return readJournal(stateFiles(directory).model).filter((line) => line.orderId === orderId)
}

function billOf(lines: readonly JournalLine[]): number {
  return lines.reduce((sum, { billedNano }) => sum + Number(billedNano), 0)
}

function eventsOf(orderId: string): unknown[] {
  return paymentsOf(orderId).map((line) => line.event)
}

function keysOf(orderId: string): unknown[] {
  return [...new Set(paymentsOf(orderId).map((line) => line.key))]
}
