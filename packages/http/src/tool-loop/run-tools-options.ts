import { type AnyTool, ConfigError, type Ledger, type Run, type TokenUsage } from 'holdfast'

/** What `runTools` is given. */
export interface RunToolsOptions<Client, Message, Request> {
  /** One that nobody guards is guarded: by `ledger`, else by the default ledger. */
  readonly client: Client
  readonly model: string
  readonly tools: readonly AnyTool[]
  /** What the user says; or `messages`. */
  readonly prompt?: string | undefined
  /** The conversation so far, as the client takes it. It is not changed. */
  readonly messages?: readonly Message[] | undefined
  readonly system?: string | undefined
  /** How often the model is asked at most. @default 8 */
  readonly maxTurns?: number | undefined
  /** How much of a tool's answer the model is shown, in characters; the rest is cut off, and it is told so. @default 100_000 */
  readonly maxResultChars?: number | undefined
  /** The run that the model calls and the tools belong to. @default the client's, else the one that the caller is in */
  readonly run?: Run | undefined
  /** Who pays for the model calls. @default the client's */
  readonly ledger?: Ledger | undefined
  /** Ends the model call that is under way; nothing more is started. */
  readonly signal?: AbortSignal | undefined
  /** Is shown each message that joins the conversation, and waited for. */
  readonly onMessage?: ((message: Message) => unknown) | undefined
  /** More members of each request: `{ temperature: 0 }`. */
  readonly request?: Request | undefined
}

/** What a model came to. */
export interface RunToolsResult<Message> {
  /** What it said last. */
  readonly text: string
  /** The whole conversation, without `system`: what can be gone on with as `messages`. */
  readonly messages: readonly Message[]
  /** How often it was asked. */
  readonly turns: number
  /** What all turns used together, as far as the provider told. */
  readonly usage: TokenUsage
}

interface Bounds {
  readonly maxTurns: number
  readonly maxResultChars: number
}

/** The one place where their defaults live. */
export const RUN_TOOLS_DEFAULTS: Bounds = Object.freeze({ maxTurns: 8, maxResultChars: 100_000 })

const KNOWN: readonly (keyof RunToolsOptions<unknown, unknown, unknown>)[] = [
  'client',
  'model',
  'tools',
  'prompt',
  'messages',
  'system',
  'maxTurns',
  'maxResultChars',
  'run',
  'ledger',
  'signal',
  'onMessage',
  'request',
]

/** What it begins with, and how far it may go. Throws `ConfigError` for what nothing would honour. */
export function checkedOptions<Message>(
  options: RunToolsOptions<unknown, Message, unknown>,
): Bounds & { readonly messages: readonly Message[] } {
  const unknown = Object.keys(options).find((name) => !(KNOWN as readonly string[]).includes(name))
  if (unknown !== undefined) fail(`there is no option '${unknown}'. The options are: ${KNOWN.join(', ')}`)
  return {
    maxTurns: countOf(options, 'maxTurns'),
    maxResultChars: countOf(options, 'maxResultChars'),
    messages: startOf(options),
  }
}

function countOf(options: Partial<Record<keyof Bounds, number | undefined>>, name: keyof Bounds): number {
  const count = options[name] ?? RUN_TOOLS_DEFAULTS[name]
  return Number.isSafeInteger(count) && count > 0
    ? count
    : fail(`${name} is ${String(count)}; it must be an integer above 0`)
}

function startOf<Message>({ prompt, messages }: RunToolsOptions<unknown, Message, unknown>): readonly Message[] {
  if ((prompt === undefined) === (messages === undefined)) fail('give either `prompt` or `messages`')
  // All providers have this one in common.
  return messages ?? [{ role: 'user', content: prompt } as Message]
}

function fail(what: string): never {
  throw new ConfigError(`runTools: ${what}. Nothing was sent.`)
}
