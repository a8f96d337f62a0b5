import type { Clock } from '../util/clock.ts'

/** How a returned stream ended, seen from its reader. */
export type StreamEnd =
  | { readonly kind: 'read' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'idle' }

export interface TapOptions {
  readonly idleMs: number
  readonly clock: Clock
  /** Runs each pull in the run's async context, which whoever reads does not have. */
  readonly enter: <T>(work: () => T) => T
  /** Why what was read out is no whole answer, though the stream says that it has ended. */
  readonly obstacle: () => { readonly reason: unknown } | undefined
}

export interface Tapped<T> {
  readonly value: T
  readonly ended: Promise<StreamEnd>
}

/** True for what is still to be read: a Response with a body, a ReadableStream, an async iterable. */
export function isStreaming(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Response) return value.body !== null && !value.bodyUsed
  return value instanceof ReadableStream || Symbol.asyncIterator in value
}

/**
 * Watches a stream without changing what its reader sees. An async iterable is tapped in place; a ReadableStream or
 * Response is returned as a new one of the same status and headers (its `url` and `redirected` are lost).
 */
export function tapStream<T>(value: T, options: TapOptions): Tapped<T> {
  const watch = new Watch(options)
  if (value instanceof Response) {
    const { status, statusText, headers } = value
    const body = tapReadable(value.body as ReadableStream<unknown>, watch, options)
    return {
      value: new Response(body as ReadableStream<Uint8Array>, { status, statusText, headers }) as T,
      ended: watch.ended,
    }
  }
  if (value instanceof ReadableStream) return { value: tapReadable(value, watch, options) as T, ended: watch.ended }
  tapIterable(value as AsyncIterable<unknown>, watch, options)
  return { value, ended: watch.ended }
}

/** Notices the end, or that nothing was asked for in `idleMs`. */
class Watch {
  readonly ended: Promise<StreamEnd>
  readonly #resolve: (end: StreamEnd) => void
  readonly #options: TapOptions
  #stopTimer: () => void = () => undefined

  constructor(options: TapOptions) {
    const { promise, resolve } = Promise.withResolvers<StreamEnd>()
    this.ended = promise
    this.#resolve = resolve
    this.#options = options
    this.waiting()
  }

  /** The reader has what there is: from now on it is idle. */
  waiting(): void {
    this.#stopTimer()
    this.#stopTimer = this.#options.clock.after(this.#options.idleMs, () => this.#resolve({ kind: 'idle' }))
  }

  /** The reader waits for the next part: however long that takes, it is not idle. */
  reading(): void {
    this.#stopTimer()
  }

  end(end: StreamEnd): void {
    this.#stopTimer()
    this.#resolve(end)
  }
}

function tapReadable(source: ReadableStream<unknown>, watch: Watch, options: TapOptions): ReadableStream<unknown> {
  const reader = source.getReader()
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        watch.reading()
        try {
          const { done, value } = await options.enter(() => reader.read())
          if (done) {
            assertWhole(options)
            watch.end({ kind: 'read' })
            return controller.close()
          }
          controller.enqueue(value)
          watch.waiting()
        } catch (error) {
          watch.end({ kind: 'failed', error })
          controller.error(error)
        }
      },
      async cancel(reason) {
        watch.end({ kind: 'cancelled' })
        await reader.cancel(reason)
      },
    },
    // Nothing is read ahead of the reader: what it did not ask for did not happen.
    { highWaterMark: 0 },
  )
}

function tapIterable(iterable: AsyncIterable<unknown>, watch: Watch, options: TapOptions): void {
  const make = iterable[Symbol.asyncIterator].bind(iterable)
  const tapped = () => tapIterator(make(), watch, options)
  Object.defineProperty(iterable, Symbol.asyncIterator, { value: tapped, configurable: true, writable: true })
  // A generator is its own iterator: `next` may be called without asking for one.
  if ('next' in iterable) patchGenerator(iterable as unknown as AsyncIterator<unknown>, watch, options)
}

function tapIterator(
  iterator: AsyncIterator<unknown>,
  watch: Watch,
  options: TapOptions,
): AsyncIterableIterator<unknown> {
  const tapped = {
    next: (...values: [] | [unknown]) => step(() => iterator.next(...values), watch, options),
    return: async (value?: unknown) => {
      watch.end({ kind: 'cancelled' })
      return (await iterator.return?.(value)) ?? { done: true as const, value }
    },
    throw: (error?: unknown) => {
      if (iterator.throw === undefined) return Promise.reject(error)
      return step(() => iterator.throw?.(error) as Promise<IteratorResult<unknown>>, watch, options)
    },
    [Symbol.asyncIterator]: () => tapped,
  }
  return tapped
}

function patchGenerator(generator: AsyncIterator<unknown>, watch: Watch, options: TapOptions): void {
  const next = generator.next.bind(generator)
  const end = generator.return?.bind(generator)
  const raise = generator.throw?.bind(generator)
  const original = { next, ...(end && { return: end }), ...(raise && { throw: raise }) } as AsyncIterator<unknown>
  const { next: tappedNext, return: tappedReturn, throw: tappedThrow } = tapIterator(original, watch, options)
  Object.assign(generator, { next: tappedNext, return: tappedReturn, throw: tappedThrow })
  Object.defineProperty(generator, Symbol.asyncIterator, { value: () => generator, configurable: true, writable: true })
}

async function step(
  advance: () => Promise<IteratorResult<unknown>>,
  watch: Watch,
  options: TapOptions,
): Promise<IteratorResult<unknown>> {
  watch.reading()
  try {
    const result = await options.enter(advance)
    if (result.done === true) {
      assertWhole(options)
      watch.end({ kind: 'read' })
    } else watch.waiting()
    return result
  } catch (error) {
    watch.end({ kind: 'failed', error })
    throw error
  }
}

/** A reader must not take for whole what something stopped, even if the agent or its framework swallowed that. */
function assertWhole({ obstacle }: TapOptions): void {
  const stopped = obstacle()
  if (stopped !== undefined) throw stopped.reason
}
