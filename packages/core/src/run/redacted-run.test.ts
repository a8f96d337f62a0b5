import { expect, test } from 'vitest'
import type { LedgerOptions } from '../config/ledger-options.ts'
import { redactFields } from '../config/redact-fields.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { Ledger } from '../ledger.ts'
import type { RecordLevel } from '../store/records.ts'
import { temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import { currentRun } from './current-run.ts'

const SECRET = '4242-4242'
const LEVELS = ['redacted', 'hash'] as const

/** An agent whose tools and calls handle a secret and answer without it. */
function agentOf(record: RecordLevel) {
  const pay = tool({ name: 'pay', record, execute: ({ card }: { card: string }) => ({ card }) })
  const look = tool({ name: 'look', record, effect: 'read', execute: (_: object) => [SECRET] })
  const decline = tool({
    name: 'decline',
    record,
    execute: ({ card }: { card: string }) => {
      throw Object.assign(new NotAppliedError(`no ${card}`), { card })
    },
  })
  return async () => {
    const ask = { provider: 'p', model: 'm', request: { messages: [SECRET] }, record }
    await currentRun()?.call(ask, async () => ({ text: SECRET }))
    await look({})
    await decline({ card: SECRET }).catch(() => undefined)
    return (await pay({ card: SECRET })).card.length
  }
}

/** What the ledger tells of a run in every form, its events included. */
async function toldOf(options: LedgerOptions, record: RecordLevel) {
  const ledger = temporaryLedger(options)
  const events: unknown[] = []
  for (const name of ['effect-failed', 'effect-succeeded', 'run-closed'] as const) {
    ledger.on(name, (event) => void events.push([event, 'error' in event ? String(event.error) : '']))
  }
  const output = await ledger.run({ id: 'r1' }, agentOf(record))
  expect(output).toBe(SECRET.length)
  return { text: JSON.stringify([events, await everythingIn(ledger)]), ledger, events }
}

async function everythingIn(ledger: Ledger): Promise<unknown> {
  const entries = []
  for await (const entry of ledger.tail({ follow: false })) entries.push(entry)
  const lists = [await ledger.runs.list(), await ledger.effects.list(), await ledger.calls.list()]
  return [await ledger.runs.export('r1'), lists, entries]
}

test.each(LEVELS)(
  'a tool and a call of the level %s show nothing of what they handled, in any view or event',
  async (level) => {
    const { text, events } = await toldOf({}, level)
    expect(text).not.toContain(SECRET)
    expect(events).toHaveLength(3)
    expect(text).toContain('[redacted]')
    expect((await toldOf({}, 'full')).text).toContain(SECRET)
  },
)

test("the ledger's own function is asked about everything that is shown, and the agent sees nothing of it", async () => {
  const redact = redactFields(['card', 'message', 'messages', 'text', '0'])
  const { text } = await toldOf(
    { redact: (value, about) => (about.kind === 'result' ? 'x' : redact(value, about)) },
    'full',
  )
  expect(text).not.toContain(SECRET)
})

test('what is shown as redacted is kept for the next execution', async () => {
  const { ledger } = await toldOf({}, 'redacted')
  expect(await ledger.run({ id: 'r1' }, agentOf('redacted'))).toBe(SECRET.length)
})

test('a call of the level redacted that differs from its record tells where, and not what', async () => {
  const ledger = temporaryLedger()
  const told: unknown[] = []
  ledger.on('divergence', (event) => void told.push(event))
  const agent = (temperature: string) => async () => {
    const request = { temperature, messages: ['hello'] }
    await currentRun()?.call({ provider: 'p', model: 'm', request, record: 'redacted' }, async () => 'hi')
    throw new Error('try again')
  }
  await ledger.run({ id: 'r1' }, agent(`${SECRET}-a`)).catch(() => undefined)
  await ledger.run({ id: 'r1', retry: true }, agent(`${SECRET}-b`)).catch(() => undefined)
  expect(told).toMatchObject([{ path: 'temperature', expected: '[redacted]', actual: '[redacted]' }])
})
