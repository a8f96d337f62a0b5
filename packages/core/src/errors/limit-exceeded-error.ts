import { HoldfastError } from './holdfast-error.ts'
import { callText, countText, goOnText, numberText, secondsText, WAIT } from './limit-text.ts'

/** What a limit other than a budget or a rate is about. */
export type CountedLimit = 'tokens' | 'calls' | 'effects' | 'wall'

/** Why a limit did not allow something. Counts, or for `wall` milliseconds; times are epoch milliseconds. */
export interface LimitExceeded {
  readonly what: CountedLimit
  /** The name of the scope whose limit it is: `run:order-42`, `user:ann`, `session:…`. */
  readonly scope: string
  readonly limit: number
  readonly spent: number
  /** Put aside for calls in flight. */
  readonly held: number
  readonly requested: number
  /** What was refused; null where it was a model call. */
  readonly tool: string | null
  /** What was refused, where it was a call of a known model. */
  readonly model: string | null
  /** The limit is on that tool alone. */
  readonly ofTool: boolean
  /** Only calls in flight stand in the way. */
  readonly waitingHelps: boolean
  /** When there is more by itself; null: never. */
  readonly resetsAt: number | null
}

/** A hard limit on tokens, calls, effects or time did not allow a model call or an effect: it was not started. */
export class LimitExceededError extends HoldfastError implements LimitExceeded {
  static override readonly code = 'limit-exceeded'
  declare readonly code: 'limit-exceeded'
  readonly what: CountedLimit
  readonly scope: string
  readonly limit: number
  readonly spent: number
  readonly held: number
  readonly requested: number
  readonly tool: string | null
  readonly model: string | null
  readonly ofTool: boolean
  readonly waitingHelps: boolean
  readonly resetsAt: number | null

  constructor(facts: LimitExceeded) {
    super(`${happened(facts)} ${advice(facts)}`, { status: 402 })
    this.what = facts.what
    this.scope = facts.scope
    this.limit = facts.limit
    this.spent = facts.spent
    this.held = facts.held
    this.requested = facts.requested
    this.tool = facts.tool
    this.model = facts.model
    this.ofTool = facts.ofTool
    this.waitingHelps = facts.waitingHelps
    this.resetsAt = facts.resetsAt
  }
}

function happened(facts: LimitExceeded): string {
  const { tool, model, scope } = facts
  const refused = tool === null ? callText(model) : `"${tool}"`
  const prevented = tool === null ? 'It was not sent.' : 'It was not executed.'
  return `${refused} was refused by the limit of '${scope}': ${measured(facts)}. ${prevented}`
}

function measured({ what, limit, spent, held, requested, ofTool, tool }: LimitExceeded): string {
  if (what === 'wall') return `${secondsText(limit)} of time, and ${secondsText(spent)} have passed`
  if (what !== 'tokens')
    return `${countText(limit, what)}${ofTool ? ` of "${tool}"` : ''}, and ${numberText(spent)} are counted`
  const used = `${numberText(spent)} are used`
  const gone = held === 0 ? used : `${used} and ${numberText(held)} are held for calls in flight`
  return `${countText(limit, what)}, of which ${gone}, and up to ${numberText(requested)} are needed`
}

function advice(facts: LimitExceeded): string {
  return facts.waitingHelps ? WAIT : goOnText(facts, memberOf(facts))
}

function memberOf({ what, tool, ofTool }: LimitExceeded): string {
  if (ofTool) return `tools: { ${JSON.stringify(tool)}: { ${what}: … } }`
  return what === 'wall' ? 'wallMs: …' : `${what}: …`
}
