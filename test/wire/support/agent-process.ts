// The process that is killed: an agent that asks its model three times, and does something in between.
import { OpenAI } from '@holdfast/openai'
import { createLedger, sqlite, tool } from 'holdfast'
import type { AgentOrder } from './agent-order.ts'

const order = JSON.parse(process.argv[2] as string) as AgentOrder
const ledger = createLedger({ store: sqlite(order.path), leaseMs: order.leaseMs, limits: {} })
const client = new OpenAI({ apiKey: 'sk-test', baseURL: order.url, maxRetries: 0, ledger })

const note = tool({ name: 'note', execute: async ({ said }: { said: string }) => `${said}, noted` })

async function ask(text: string): Promise<string> {
  const messages = [{ role: 'user' as const, content: text }]
  const { choices } = await client.chat.completions.create({ model: 'gpt-5', messages })
  return choices[0]?.message.content ?? ''
}

async function stream(text: string): Promise<string> {
  const messages = [{ role: 'user' as const, content: text }]
  let said = ''
  for await (const { choices } of await client.chat.completions.create({ model: 'gpt-5', messages, stream: true }))
    said += choices[0]?.delta.content ?? ''
  return said
}

async function agent(): Promise<string> {
  const first = await ask('first')
  const second = await stream(`second after ${await note({ said: first })}`)
  return ask(`third after ${second}`)
}

const output = await ledger.run({ id: order.runId }, agent)
await ledger.close()
process.send?.(output)
process.disconnect?.()
