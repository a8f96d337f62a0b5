import { readUsage, type TokenUsage, TurnLimitError } from 'holdfast'
import type { AskedCall, CallAnswer, Conversation, ModelTurn } from './conversation.ts'
import { type Caller, performCalls } from './perform-calls.ts'
import { checkedOptions, type RunToolsOptions, type RunToolsResult } from './run-tools-options.ts'

/**
 * Asks a model, calls the tools that it asks for, shows it what came of them, and asks again, until it asks for none.
 * For adapters: `conversation` knows the provider.
 *
 * @throws TurnLimitError when it is not done after `maxTurns`. What stops the run, and what waits for a human, is thrown as it is.
 */
export async function runToolLoop<Message>(
  conversation: Conversation<Message>,
  options: RunToolsOptions<unknown, Message, unknown>,
): Promise<RunToolsResult<Message>> {
  return new ToolLoop(conversation, options).run()
}

class ToolLoop<Message> {
  readonly #conversation: Conversation<Message>
  readonly #options: RunToolsOptions<unknown, Message, unknown>
  readonly #caller: Caller
  readonly #maxTurns: number
  readonly #messages: Message[]
  readonly #made: CallAnswer[] = []
  #usage: TokenUsage = {}

  constructor(conversation: Conversation<Message>, options: RunToolsOptions<unknown, Message, unknown>) {
    const { maxTurns, maxResultChars, messages } = checkedOptions(options)
    this.#conversation = conversation
    this.#options = options
    this.#maxTurns = maxTurns
    this.#messages = [...messages]
    const tools = new Map(options.tools.map((tool) => [tool.toolName, tool]))
    this.#caller = { tools, run: options.run, maxResultChars }
  }

  async run(): Promise<RunToolsResult<Message>> {
    let asked: readonly AskedCall[] = []
    for (let turns = 1; turns <= this.#maxTurns; turns++) {
      // Not after the last turn, whose answers nobody would be shown.
      if (turns > 1) await this.#answer(asked)
      const { text, calls, goesOn = false } = await this.#ask()
      if (calls.length === 0 && !goesOn) return { text, messages: this.#messages, turns, usage: this.#usage }
      asked = calls
    }
    throw this.#turnLimit(asked)
  }

  async #ask(): Promise<ModelTurn<Message>> {
    const { signal } = this.#options
    signal?.throwIfAborted()
    // A list of its own: what was sent is on record, and must not grow there.
    const turn = await this.#conversation.ask([...this.#messages], signal)
    this.#usage = sumOf(this.#usage, readUsage(turn.answer)?.usage ?? {})
    await this.#add(turn.messages)
    return turn
  }

  async #answer(calls: readonly AskedCall[]): Promise<void> {
    this.#options.signal?.throwIfAborted()
    const answers = await performCalls(calls, this.#caller)
    this.#made.push(...answers)
    await this.#add(this.#conversation.answer(answers))
  }

  async #add(messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      this.#messages.push(message)
      await this.#options.onMessage?.(message)
    }
  }

  /** What is no tool may be called anything, and clients are shown it. */
  #nameOf({ name }: AskedCall): string {
    return this.#caller.tools.has(name) ? name : '(unknown)'
  }

  #turnLimit(asked: readonly AskedCall[]): TurnLimitError {
    return new TurnLimitError({
      turns: this.#maxTurns,
      calls: this.#made.map(({ call, failed }) => ({ tool: this.#nameOf(call), failed })),
      asked: asked.map((call) => this.#nameOf(call)),
      messages: this.#messages,
      usage: { ...this.#usage } as Record<string, number>,
    })
  }
}

function sumOf(one: TokenUsage, other: TokenUsage): TokenUsage {
  const sum: Record<string, number> = { ...one }
  for (const [unit, count] of Object.entries(other)) sum[unit] = (sum[unit] ?? 0) + (count ?? 0)
  return sum
}
