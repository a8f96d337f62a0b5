import { HoldfastError, hide } from './holdfast-error.ts'

/** What a model had come to when its turns were over. */
export interface TurnLimit {
  readonly turns: number
  /** The calls that were made, oldest first. */
  readonly calls: readonly { readonly tool: string; readonly failed: boolean }[]
  /** The tools that it asked for last: none of these calls was made. */
  readonly asked: readonly string[]
  /** The conversation so far, as the provider's client takes it. */
  readonly messages: readonly unknown[]
  /** What its turns used together, by unit. */
  readonly usage: Readonly<Record<string, number>>
}

/** A model was not done when it had had all its turns. */
export class TurnLimitError extends HoldfastError {
  static override readonly code = 'turn-limit'
  declare readonly code: 'turn-limit'
  readonly turns: number
  readonly calls: TurnLimit['calls']
  readonly asked: readonly string[]
  /** Kept from clients. */
  declare readonly messages: readonly unknown[]
  declare readonly usage: Readonly<Record<string, number>>

  constructor(facts: TurnLimit) {
    super(messageOf(facts))
    this.turns = facts.turns
    this.calls = facts.calls
    this.asked = facts.asked
    hide(this, 'messages', facts.messages)
    hide(this, 'usage', facts.usage)
  }
}

function messageOf({ turns, calls, asked }: TurnLimit): string {
  const count = turns === 1 ? '1 turn' : `${turns} turns`
  const last = asked.length === 0 ? '' : ` What it asked for last (${namesOf(asked)}) was not executed.`
  const made = calls.length === 0 ? 'no calls' : `${calls.length} calls (${namesOf(calls.map(({ tool }) => tool))})`
  return `The model was not done after ${count}.${last} Before that it made ${made}. Allow more with maxTurns, or see why it goes on.`
}

function namesOf(tools: readonly string[]): string {
  return [...new Set(tools)].join(', ')
}
