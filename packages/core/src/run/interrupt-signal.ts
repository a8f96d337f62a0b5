import { constants } from 'node:os'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { systemClock } from '../util/clock.ts'

export interface InterruptOptions {
  /** @default ['SIGINT', 'SIGTERM'] */
  readonly signals?: readonly NodeJS.Signals[]
  /**
   * For so long after the first one another is taken for the same: npm passes on a Ctrl-C that the terminal has sent
   * already. @default 500
   */
  readonly repeatMs?: number
}

/** Follows the process's signals until it is disposed of. */
export interface InterruptSignal extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
}

const INTERRUPT_DEFAULTS = Object.freeze({ signals: ['SIGINT', 'SIGTERM'], repeatMs: 500 } as const)
const KNOWN: readonly (keyof InterruptOptions)[] = ['signals', 'repeatMs']

/**
 * Turns Ctrl-C into an `AbortSignal`: the first signal aborts it, so that a saga, or a run with `onAbort: 'compensate'`,
 * undoes what it did; the second ends the process as if nobody had listened. Throws `ConfigError` for a name that is no
 * signal's.
 * @example
 * using interrupt = interruptSignal()
 * await checkout.execute(order, { signal: interrupt.signal })
 */
export function interruptSignal(options: InterruptOptions = {}): InterruptSignal {
  checkOptionNames('interruptSignal', options, KNOWN)
  const { signals, repeatMs } = { ...INTERRUPT_DEFAULTS, ...options }
  if (signals.length === 0) throw new ConfigError('interruptSignal: `signals` is empty, so nothing would abort it.')
  for (const name of signals) {
    // Node takes any other name for that of an event, which never comes.
    if (!Object.hasOwn(constants.signals, name))
      throw new ConfigError(`interruptSignal: '${name}' is no signal of this system; it listens to nothing.`)
  }
  if (!(repeatMs >= 0)) throw new ConfigError('interruptSignal: `repeatMs` must be 0 or more.')
  return new Interrupt({ signals, repeatMs })
}

class Interrupt implements InterruptSignal {
  readonly #controller = new AbortController()
  readonly #signals: readonly NodeJS.Signals[]
  readonly #repeatMs: number
  #since: number | undefined

  constructor({ signals, repeatMs }: Required<InterruptOptions>) {
    this.#signals = signals
    this.#repeatMs = repeatMs
    for (const name of signals) this.#listen(name)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    for (const name of this.#signals) process.removeListener(name, this.#onSignal)
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    const now = systemClock.monotonic()
    if (this.#since === undefined) {
      this.#since = now
      this.#controller.abort(interrupted(name))
      return
    }
    if (now - this.#since < this.#repeatMs) return
    this[Symbol.dispose]()
    // Whoever else listens has been told just now; without anybody the process ends by it, as it would have at first.
    if (process.listenerCount(name) === 0) process.kill(process.pid, name)
  }

  #listen(name: NodeJS.Signals): void {
    try {
      process.on(name, this.#onSignal)
    } catch (cause) {
      this[Symbol.dispose]()
      throw new ConfigError(`interruptSignal cannot listen to '${name}'; it listens to nothing now. Leave it out.`, {
        cause,
      })
    }
  }
}

/** By its name a request that is cut short by it may still have got through. */
function interrupted(name: NodeJS.Signals): Error {
  return Object.assign(new Error(`The process was told to stop by ${name}.`), { name: 'AbortError' })
}
