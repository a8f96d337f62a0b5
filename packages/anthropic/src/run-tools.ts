import type { Anthropic } from '@anthropic-ai/sdk'
import {
  type AskedCall,
  type CallAnswer,
  type Conversation,
  type ModelTurn,
  type RunToolsOptions as Options,
  type RunToolsResult as Result,
  runToolLoop,
  shownTools,
} from '@holdfast/http'
import { defaultLedger } from 'holdfast'
import { guardAnthropic } from './guard-anthropic.ts'
import { isGuarded } from './guarded-class.ts'
import type { SdkClient } from './sdk-client.ts'

type Body = Anthropic.Messages.MessageCreateParamsNonStreaming
type Message = Anthropic.Messages.MessageParam
type Schema = Anthropic.Messages.Tool.InputSchema

/** What `runTools` is given; `request.max_tokens` is 4096 unless it says otherwise. */
export interface RunToolsOptions
  extends Options<Anthropic, Message, Omit<Partial<Body>, 'model' | 'messages' | 'tools' | 'system' | 'stream'>> {}
/** What a model came to. */
export interface RunToolsResult extends Result<Message> {}

const MAX_TOKENS = 4_096

/**
 * Asks a model, calls the tools that it asks for, shows it what came of them, and asks again, until it asks for none. In a
 * run the tools are its effects, and a resumed run gets the same conversation again.
 *
 * @throws TurnLimitError when it is not done after `maxTurns`; ConfigError for a tool that cannot be shown to a model.
 * @example
 * const { text } = await ledger.run({ id }, () => runTools({ client, model: 'claude-haiku-4-5', tools: [createTicket], prompt }))
 */
export async function runTools(options: RunToolsOptions): Promise<RunToolsResult> {
  const { run = guardOptionsOf(options.client).run } = options
  return runToolLoop(conversation(options), { ...options, run })
}

function conversation(options: RunToolsOptions): Conversation<Message> {
  const { model, system, request } = options
  const client = guarded(options)
  const tools = shownTools(options.tools).map(({ name, description, parameters }) => {
    const input_schema = { ...parameters } as Schema
    return { name, input_schema, ...(description === undefined ? {} : { description }) }
  })
  const said = system === undefined ? {} : { system }
  const same = { max_tokens: MAX_TOKENS, ...request, model, ...said, ...(tools.length === 0 ? {} : { tools }) }
  return {
    ask: async (messages, signal) => {
      const asked = { ...same, messages: [...messages] }
      return turnOf(await client.messages.create(asked, signal === undefined ? {} : { signal }))
    },
    // All in one message: that is what teaches the model to ask for several at once.
    answer: (answers) => (answers.length === 0 ? [] : [{ role: 'user', content: answers.map(resultBlock) }]),
  }
}

function turnOf(answer: Anthropic.Messages.Message): ModelTurn<Message> {
  const { content, stop_reason } = answer
  const uses = content.filter((block) => block.type === 'tool_use')
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  // At the cap the last block may be a part of what was meant, and still look whole.
  const isCutOff = stop_reason === 'max_tokens' || stop_reason === 'model_context_window_exceeded'
  const calls = uses.map((use): AskedCall => {
    const isPart = isCutOff && use === content.at(-1)
    return { id: use.id, name: use.name, args: isPart ? { kind: 'cut-off' } : { kind: 'value', value: use.input } }
  })
  const messages: Message[] = content.length === 0 ? [] : [{ role: 'assistant', content }]
  return { messages, text, calls, answer, goesOn: stop_reason === 'pause_turn' }
}

function resultBlock({ call, text, failed }: CallAnswer): Anthropic.Messages.ToolResultBlockParam {
  return { type: 'tool_result', tool_use_id: call.id, content: text, ...(failed ? { is_error: true } : {}) }
}

/** The client as it is to be used here; a client that nobody guards is paid for all the same. */
function guarded({ client, ledger, run }: RunToolsOptions): Anthropic {
  if (isGuarded(client) && ledger === undefined) return run === undefined ? client : client.withRun(run)
  return guardAnthropic(ledger ?? defaultLedger(), client, run === undefined ? {} : { run })
}

function guardOptionsOf(client: Anthropic): SdkClient['_options'] {
  return (client as unknown as SdkClient)._options
}
