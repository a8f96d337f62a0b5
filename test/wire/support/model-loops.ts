import { Anthropic, runTools as askAnthropic } from '@holdfast/anthropic'
import { type Script, scriptedFetch } from '@holdfast/http/testing'
import { runTools as askOpenAI } from '@holdfast/openai'
import { scriptedOpenAI } from '@holdfast/openai/testing'
import type { AnyTool, Ledger, Run } from 'holdfast'

/** What a test asks for, whoever is asked. */
export interface Asked {
  readonly tools: readonly AnyTool[]
  readonly prompt?: string
  readonly system?: string
  readonly maxTurns?: number
  readonly maxResultChars?: number
  readonly run?: Run
  readonly signal?: AbortSignal
  readonly onMessage?: (message: unknown) => unknown
}

export interface ModelLoop {
  readonly requests: readonly { readonly body: unknown }[]
  ask(asked: Asked): Promise<{
    readonly text: string
    readonly messages: readonly unknown[]
    readonly turns: number
    readonly usage: unknown
  }>
  /** What the tools said, as the model read it in its last request. */
  heard(): readonly string[]
}

export interface LoopedProvider {
  readonly name: string
  start(script: Script, ledger: Ledger): ModelLoop
}

interface Told {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
}
interface Block {
  readonly type: string
  readonly content: string
}

function lastOf(requests: ModelLoop['requests']): Told {
  return (requests.at(-1)?.body ?? { messages: [] }) as Told
}

const PROMPT = 'Process order 1.'

/** The real clients, and a scripted model behind each. */
export const LOOPED: readonly LoopedProvider[] = [
  {
    name: 'openai',
    start: (script, ledger) => {
      const client = scriptedOpenAI(script, { ledger })
      const { requests } = client
      return {
        requests,
        ask: (asked) => askOpenAI({ client, model: 'gpt-5', prompt: PROMPT, ...asked }),
        heard: () => {
          const { messages } = lastOf(requests)
          return messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content)] : []))
        },
      }
    },
  },
  {
    name: 'anthropic',
    start: (script, ledger) => {
      const fetch = scriptedFetch(script)
      const { requests } = fetch
      const client = new Anthropic({ apiKey: 'none', baseURL: 'https://api.anthropic.com', ledger, fetch })
      return {
        requests,
        ask: (asked) => askAnthropic({ client, model: 'claude-haiku-4-5', prompt: PROMPT, ...asked }),
        heard: () => {
          const { messages } = lastOf(requests)
          const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? (content as Block[]) : []))
          return blocks.flatMap((block) => (block.type === 'tool_result' ? [block.content] : []))
        },
      }
    },
  },
]
