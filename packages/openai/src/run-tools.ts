import {
  type AskedCall,
  type Conversation,
  type ModelTurn,
  type RunToolsOptions as Options,
  type RunToolsResult as Result,
  runToolLoop,
  shownTools,
} from '@holdfast/http'
import { defaultLedger, NotSupportedError } from 'holdfast'
import type { OpenAI } from 'openai'
import { guardOpenAI } from './guard-openai.ts'
import { isGuarded } from './guarded-class.ts'
import type { SdkClient } from './sdk-client.ts'

type Chat = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming
type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam
type Completion = OpenAI.Chat.Completions.ChatCompletion
type ToolCall = OpenAI.Chat.Completions.ChatCompletionMessageToolCall

/** What `runTools` is given. */
export interface RunToolsOptions
  extends Options<OpenAI, Message, Omit<Partial<Chat>, 'model' | 'messages' | 'tools' | 'stream' | 'n'>> {}
/** What a model came to. */
export interface RunToolsResult extends Result<Message> {}

/**
 * Asks a model, calls the tools that it asks for, shows it what came of them, and asks again, until it asks for none. In a
 * run the tools are its effects, and a resumed run gets the same conversation again.
 *
 * @throws TurnLimitError when it is not done after `maxTurns`; ConfigError for a tool that cannot be shown to a model.
 * @example
 * const { text } = await ledger.run({ id }, () => runTools({ client, model: 'gpt-5', tools: [createTicket], prompt }))
 */
export async function runTools(options: RunToolsOptions): Promise<RunToolsResult> {
  const { run = guardOptionsOf(options.client).run } = options
  return runToolLoop(conversation(options), { ...options, run })
}

function conversation(options: RunToolsOptions): Conversation<Message> {
  const { model, system, request } = options
  const client = guarded(options)
  const tools = shownTools(options.tools).map(({ name, description, parameters }) => ({
    type: 'function' as const,
    function: { name, parameters: { ...parameters }, ...(description === undefined ? {} : { description }) },
  }))
  const said: readonly Message[] = system === undefined ? [] : [{ role: 'system', content: system }]
  // Hosts refuse an empty list.
  const same = { ...request, model, ...(tools.length === 0 ? {} : { tools }) }
  return {
    ask: async (messages, signal) => {
      const asked = { ...same, messages: [...said, ...messages] }
      return turnOf(await client.chat.completions.create(asked, signal === undefined ? {} : { signal }))
    },
    answer: (answers) => answers.map(({ call, text }) => ({ role: 'tool', tool_call_id: call.id, content: text })),
  }
}

function turnOf(answer: Completion): ModelTurn<Message> {
  const message = answer.choices?.[0]?.message
  if (message === undefined)
    throw new NotSupportedError('An answer without choices', 'runTools needs a host that speaks chat completions.')
  const calls = (message.tool_calls ?? []).map(callOf)
  return { messages: [message], text: message.content ?? message.refusal ?? '', calls, answer }
}

function callOf(call: ToolCall): AskedCall {
  if (call.type === 'custom') return { id: call.id, name: call.custom.name, args: { kind: 'value', value: undefined } }
  return { id: call.id, name: call.function.name, args: { kind: 'text', text: call.function.arguments } }
}

/** The client as it is to be used here; a client that nobody guards is paid for all the same. */
function guarded({ client, ledger, run }: RunToolsOptions): OpenAI {
  if (isGuarded(client) && ledger === undefined) return run === undefined ? client : client.withRun(run)
  return guardOpenAI(ledger ?? defaultLedger(), client, run === undefined ? {} : { run })
}

function guardOptionsOf(client: OpenAI): SdkClient['_options'] {
  return (client as unknown as SdkClient)._options
}
