import type { LoopDetectorName } from '../errors/loop-detected-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { ApprovalStatus, Certainty, RunStatus } from '../store/records.ts'
import type { MoneyEvents } from './money-events.ts'

/** What every event about an effect says. */
export interface EffectEvent {
  readonly runId: string
  readonly tool: string
  /** The effect's key as text, as `ledger.effects.get` takes it. */
  readonly key: string
  readonly generation: number
  readonly attempt: number
}

/** What every event about a question to a human says. */
interface QuestionEvent {
  readonly runId: string
  readonly tool: string
  readonly key: string
  /** Which question of this key it is: what `approve` and `deny` take, to decide about no other. */
  readonly generation: number
  /** Why somebody is asked, or has decided so. */
  readonly reason: string | null
}

/** What a ledger tells its listeners: by name, with what. All of it happened before it is told. */
export interface LedgerEvents extends MoneyEvents {
  'run-opened': {
    readonly runId: string
    readonly how: 'new' | 'resumed' | 'retried' | 'joined'
    readonly attempt: number
  }
  'run-closed': { readonly runId: string; readonly status: RunStatus }
  'run-halted': { readonly runId: string; readonly error: unknown }
  'effect-claimed': EffectEvent
  'effect-succeeded': EffectEvent
  'effect-failed': EffectEvent & { readonly error: unknown; readonly certainty: Certainty }
  /** `error` is undefined when nobody saw one: the owner died or lost its lease. */
  'effect-unknown': EffectEvent & { readonly error: unknown }
  /** A human is asked before an effect executes. */
  'approval-requested': QuestionEvent & { readonly expiresAt: Date | null }
  /** Told in the process that decided. */
  'approval-decided': QuestionEvent & { readonly status: ApprovalStatus; readonly by: string | null }
  /** A run waits for a human's decision; nobody holds it. */
  'run-waiting': { readonly runId: string }
  'effect-compensated': EffectEvent
  /** A compensation failed for good, or an effect could not be compensated: `runs.compensate` tries again. */
  'compensation-failed': EffectEvent & { readonly error: unknown }
  /** A perform was answered by an effect that had happened before. */
  'effect-deduplicated': {
    readonly runId: string
    readonly tool: string
    readonly key: string
    /** The other arguments, those that are not in the key, were not the same. */
    readonly argsDiffer: boolean
    /** What to declare if the tool should have run again. */
    readonly remedy: string | undefined
  }
  /** The agent does the same again and again: the next time stops it. Adapters tell it so. */
  'loop-advised': {
    /** Empty outside of runs. */
    readonly runId: string
    readonly tool: string
    /** The tool with its arguments; with their hash where those may not be shown. */
    readonly signature: string
    readonly detector: LoopDetectorName
    /** How often by now. */
    readonly count: number
    /** What the agent is told. */
    readonly advice: string
  }
  /** A resumed run asked for something else than its record says. */
  divergence: {
    readonly runId: string
    /** Where the requests first differ: `messages[2].content`. */
    readonly path: string
    readonly expected: unknown
    readonly actual: unknown
    /** The recorded answer was served all the same. */
    readonly served: boolean
  }
  /** A model call was answered from the record. */
  'call-served': { readonly runId: string; readonly model: string; readonly ordinal: number }
  /** The store was out of reach. */
  outage: { readonly operation: string; readonly error: unknown }
  /** A step went on although the store was out of reach. */
  unprotected: { readonly runId: string; readonly what: string }
  /** A run ended well, and its output could not be stored: asked again, the agent runs over the records. */
  'output-not-kept': { readonly runId: string; readonly reason: string }
}

export type LedgerEventName = keyof LedgerEvents

/** What may be told to `ledger.on`: whatever it throws or rejects with never reaches the agent. */
export type LedgerListener<Name extends LedgerEventName> = (event: LedgerEvents[Name]) => unknown

type AnyListener = (event: never) => unknown
interface Registration {
  readonly listener: AnyListener
}

/** Tells listeners what happened; nothing that a listener does can disturb who tells. */
export class EventHub {
  readonly #registrations = new Map<LedgerEventName, readonly Registration[]>()
  readonly #warned = new WeakSet<AnyListener>()

  /** Returns what takes this one registration back; a listener added twice is called twice. */
  on<Name extends LedgerEventName>(name: Name, listener: LedgerListener<Name>): () => void {
    const registration: Registration = { listener }
    // Replaced, never changed: whoever adds or removes while an event is told does not disturb the telling.
    this.#registrations.set(name, [...(this.#registrations.get(name) ?? []), registration])
    return () => this.#remove(name, registration)
  }

  emit<Name extends LedgerEventName>(name: Name, event: LedgerEvents[Name]): void {
    const registrations = this.#registrations.get(name)
    if (!registrations) return
    for (const { listener } of registrations) this.#tell(name, listener as LedgerListener<Name>, event)
  }

  /** For payloads that cost something to make. */
  hasListeners(name: LedgerEventName): boolean {
    return this.#registrations.has(name)
  }

  #remove(name: LedgerEventName, registration: Registration): void {
    const left = (this.#registrations.get(name) ?? []).filter((other) => other !== registration)
    if (left.length > 0) this.#registrations.set(name, left)
    else this.#registrations.delete(name)
  }

  #tell<Name extends LedgerEventName>(name: Name, listener: LedgerListener<Name>, event: LedgerEvents[Name]): void {
    try {
      const result = listener(event)
      if (typeof result !== 'object' || result === null) return
      Promise.resolve(result).catch((error: unknown) => this.#warn(name, listener, error))
    } catch (error) {
      this.#warn(name, listener, error)
    }
  }

  #warn(name: LedgerEventName, listener: AnyListener, error: unknown): void {
    if (this.#warned.has(listener)) return
    this.#warned.add(listener)
    const { message } = serializeError(error)
    process.emitWarning(`A listener of the ledger's ${name} events failed, and the agent went on: ${message}`, {
      type: 'HoldfastWarning',
      code: 'HOLDFAST_LISTENER',
    })
  }
}
