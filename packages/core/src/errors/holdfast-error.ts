// biome-ignore-all lint/complexity/noThisInStatic: these statics are inherited, and ask about the class that they are called on.

const MARKER = 'holdfast.error'
const INHERENT = new Set(['name', 'message', 'stack', 'cause', 'code', 'status', 'retryable'])
const MAX_SEARCHED = 1_000

/** What a class needs so that `isInstance` and `find` know its errors. */
export interface ErrorClass<T> {
  readonly prototype: T
  readonly code: string
}

export interface HoldfastErrorOptions {
  cause?: unknown
  /** HTTP status: what `toResponse` answers, and what stops the retry loop of a framework that looks at it. */
  status?: number
}

/**
 * The base of everything that this package throws on purpose.
 *
 * Own enumerable fields are public: `toJSON` shows them to clients. What must not leave the process is hidden.
 */
export class HoldfastError extends Error {
  /** The name of the error's page in the documentation. */
  static readonly code: string = ''

  readonly code: string
  /** An HTTP status, where there is one that fits. */
  declare readonly status?: number
  /** Trying the same again at once does not help; frameworks that look here stop. */
  readonly retryable: boolean = false

  constructor(message: string, options: HoldfastErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = new.target.code
    if (options.status !== undefined) this.status = options.status
    brand(this, this.code)
  }

  /** Where this error is explained. */
  get docs(): string {
    return `docs/errors/${this.code}.md`
  }

  /** Whether the value is an error of this class, also if another copy of this package made it. */
  static isInstance<T>(this: ErrorClass<T>, error: unknown): error is T {
    return isBranded(this, error)
  }

  /** Like `isInstance`, so that `instanceof` works across copies of this package. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    return isBranded(this, error)
  }

  /** The error of this class within what a framework wrapped around it: `cause`, `errors`, `lastError`. */
  static find<T>(this: ErrorClass<T>, error: unknown): T | undefined {
    const queue: unknown[] = [error]
    const seen = new Set<unknown>()
    // The iteration also meets what is added on the way.
    for (const candidate of queue) {
      if (seen.has(candidate) || seen.size >= MAX_SEARCHED) continue
      seen.add(candidate)
      if (isBranded(this, candidate)) return candidate as T
      queue.push(...wrapped(candidate))
    }
    return undefined
  }

  /** Safe to show to a client: no arguments, results, prompts or secrets. */
  toJSON(): Record<string, unknown> {
    const fields = Object.entries(this).filter(([name]) => !INHERENT.has(name))
    return { name: this.name, code: this.code, message: this.publicMessage(), ...Object.fromEntries(fields) }
  }

  /** The message as a client may see it. */
  protected publicMessage(): string {
    return this.message
  }
}

/** Names an error as one of ours and marks it, so that every copy of this package recognises it. */
export function brand(error: Error, code: string): void {
  hide(error, 'name', nameOf(code))
  hide(error, Symbol.for(MARKER), true)
  hide(error, Symbol.for(`${MARKER}.${code}`), true)
}

/** Sets a property that neither `toJSON` nor a log of the error shows. */
export function hide(error: Error, name: PropertyKey, value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: false, configurable: true, writable: true })
}

/** The parts in which frameworks keep the errors that they wrap. */
export function wrapped(error: unknown): unknown[] {
  if (typeof error !== 'object' || error === null) return []
  const errors = read(error, 'errors')
  return [read(error, 'cause'), read(error, 'lastError'), ...(Array.isArray(errors) ? errors : [])]
}

/** Reads a property of whatever was thrown: a getter or proxy that throws counts as absent. */
export function read(value: unknown, name: PropertyKey): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return (value as Record<PropertyKey, unknown>)[name]
  } catch {
    return undefined
  }
}

function isBranded(type: ErrorClass<unknown>, error: unknown): boolean {
  if (Object.hasOwn(type, 'code')) {
    const marker = type.code === '' ? MARKER : `${MARKER}.${type.code}`
    return read(error, Symbol.for(marker)) === true
  }
  // A class that somebody derived from one of ours, without a code of its own: its base's marker says too little.
  return Function.prototype[Symbol.hasInstance].call(type, error)
}

function nameOf(code: string): string {
  if (code === '') return 'HoldfastError'
  const words = code.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return `${words.join('')}Error`
}
