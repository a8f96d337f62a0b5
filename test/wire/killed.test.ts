import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger, sqlite } from 'holdfast'
import { expect, onTestFinished, test } from 'vitest'
import type { AgentOrder } from './support/agent-order.ts'
import { chat } from './support/openai-bodies.ts'
import { DONE, SSE, sse } from './support/wire-case.ts'
import { type Answer, type Heard, WireServer } from './support/wire-server.ts'

const LEASE_MS = 1_000
const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

/** It says back what it was asked, as it was asked for it. */
function echo({ json }: Heard): Answer {
  const content = `[${json.messages[0].content}]`
  if (json.stream !== true) return { body: JSON.stringify(chat({ content }, { usage: USAGE })) }
  const word = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] }
  return { type: SSE, body: sse([word, { ...word, choices: [], usage: USAGE }], DONE) }
}

function start(order: AgentOrder): ChildProcess {
  const program = join(import.meta.dirname, 'support', 'agent-process.ts')
  const child = fork(program, [JSON.stringify(order)], { execArgv: ['--conditions=@holdfast/source'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('a run that is killed in the middle of its third model call is served the first two, and asks the third again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-wire-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  // The third request is never answered.
  await using server = await WireServer.start((heard, index) => (index === 2 ? { instead: 'silence' } : echo(heard)))
  const path = join(folder, 'ledger.db')
  const order = { url: `${server.url}/v1`, path, runId: 'order-1', leaseMs: LEASE_MS }

  const first = start(order)
  await server.hears(3)
  first.kill('SIGKILL')
  expect(await once(first, 'exit')).toEqual([null, 'SIGKILL'])

  const [output] = await once(start(order), 'message')
  const third = 'third after [second after [first], noted]'
  expect(output).toBe(`[${third}]`)
  const asked = server.heard.map(({ json }) => json.messages[0].content)
  expect(asked).toEqual(['first', 'second after [first], noted', third, third])

  await using ledger = createLedger({ store: sqlite(path) })
  const rows = await ledger.calls.list()
  expect(rows.map(({ status, cost }) => [status, cost?.status])).toEqual([
    ['succeeded', 'settled'],
    ['succeeded', 'settled'],
    ['lost', 'charged'],
    ['succeeded', 'settled'],
  ])
  expect(rows.map(({ cost }) => cost?.tokens).filter((tokens) => tokens === 15)).toHaveLength(3)
  expect(rows[2]?.cost?.spent).toBe(rows[2]?.cost?.held)
  const spent = rows.reduce((sum, { cost }) => sum + (cost?.spent ?? 0), 0)
  expect(await ledger.scopes.usage('ledger')).toMatchObject({ spent, held: 0 })
  expect(await ledger.verify()).toEqual({ ok: true, problems: [] })
})
