import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stateFiles } from '../src/config.ts'
import { readJournal } from '../src/journal.ts'
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
    expect(demo.output.match(/^✔ Proven: /gm)).toHaveLength(4)
    expect(demo.output).toContain('one charge of $49.90, one parcel, one mail, stock 8 → 7')
    expect(demo.output).toContain('one charge of $129.00 for two requests under one key; one mail, stock 5 → 3')
  })

  it('leaves a payment log with two requests and one charge of the order that was interrupted', () => {
    const log = readJournal(stateFiles(directory).payments).filter((line) => line.orderId === '1002')
    expect(log.map((line) => line.event)).toEqual(['request', 'charge', 'request', 'replayed'])
    expect(new Set(log.map((line) => line.key)).size).toBe(1)
  })

  it('asks the model nothing twice, although it died in between', () => {
    const answers = readJournal(stateFiles(directory).model).filter((line) => line.orderId === '1002')
    const expected = ['find-order', 'take-stock', 'charge-card', 'book-shipping', 'send-mail', 'words']
    expect(answers.map((line) => line.with)).toEqual(expected)
  })

  it('prints no colours into a pipe', () => {
    expect(demo.output).not.toContain('\u001b[')
  })

  it('shows the ledger that it says it shows', () => {
    expect(demo.output).toContain('holdfast_effects')
    expect(demo.output).toMatch(/order-1002\s+charge-card\s+succeeded\s+2/)
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
