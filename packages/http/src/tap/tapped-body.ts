import { sleep } from '../util/sleep.ts'
import type { Passage } from './passage.ts'
import type { TapOptions, TappedKind } from './tap.ts'
import type { Watch, WatchedEnd } from './watch.ts'

type Controller = ReadableStreamDefaultController<Uint8Array>
type Reader = ReadableStreamDefaultReader<Uint8Array>
type Read = Awaited<ReturnType<Reader['read']>>

/**
 * The source of the stream that the reader gets. It must hold on neither to that stream nor to its controller, or nobody
 * would notice that the reader has dropped it.
 */
export class TappedBody {
  readonly #reader: Reader
  readonly #watch: Watch
  readonly #passage: Passage
  readonly #options: TapOptions
  #controller: WeakRef<Controller> | undefined
  #pulling: Promise<void> | undefined
  /** How the answer ended; its reader is still to get the end of it. */
  #ended: WatchedEnd | undefined
  #settled: Promise<void> | undefined
  /** Nothing more comes. */
  #isExhausted = false
  /** What the reader gets instead of a clean end. */
  #failure: { readonly error: unknown } | undefined
  /** The reader has gone, by a break, an abort, or because nobody holds the stream any more. */
  #isLeft = false
  /** What still comes is not looked at. */
  #isStopped = false

  constructor(reader: Reader, watch: Watch, passage: Passage, options: TapOptions) {
    this.#reader = reader
    this.#watch = watch
    this.#passage = passage
    this.#options = options
  }

  start(controller: Controller): void {
    this.#controller = new WeakRef(controller)
    const { signal } = this.#options
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  pull(controller: Controller): Promise<void> {
    this.#pulling = this.#pull(controller)
    return this.#pulling
  }

  /** The reader breaks off. It may go on when what came so far is settled, or at once where the rest is read on. */
  async cancel(reason: unknown): Promise<void> {
    this.#forgetSignal()
    const isDrained = this.#isDrained()
    this.#isLeft = true
    if (isDrained) return void this.#drain()
    await Promise.all([this.#settle('cancelled'), this.#stopReading(reason)])
  }

  /** Nobody holds the stream any more. */
  drop(): void {
    if (this.#isLeft) return
    this.#isLeft = true
    this.#forgetSignal()
    if (this.#isExhausted) return
    if (this.#settled === undefined) this.#options.stop(new DOMException('Nobody reads the answer.', 'AbortError'))
    this.#stopReading(undefined).catch(ignore)
    this.#settle('dropped').catch(ignore)
  }

  /** The caller's signal also ends a stream that nobody is reading. */
  readonly #onAbort = (): void => {
    const reason: unknown = this.#options.signal?.reason
    const isDrained = this.#isDrained()
    this.#isLeft = true
    if (isDrained) {
      this.#controller?.deref()?.error(reason)
      return void this.#drain()
    }
    this.#stopReading(reason).catch(ignore)
    this.#settle('cancelled').then(
      () => this.#controller?.deref()?.error(reason),
      (error: unknown) => this.#controller?.deref()?.error(error),
    )
  }

  async #pull(controller: Controller): Promise<void> {
    while (!this.#isLeft) {
      const bytes = this.#passage.take()
      if (bytes !== undefined) {
        if (this.#settled === undefined) this.#passage.keep(bytes)
        return controller.enqueue(bytes)
      }
      if (this.#ended !== undefined && this.#settled === undefined) await this.#end(this.#ended)
      else if (this.#failure !== undefined) return this.#close(() => controller.error(this.#failure?.error))
      else if (this.#isExhausted) return this.#close(() => controller.close())
      else {
        // As `#read`, without a promise of its own: this is done for each chunk.
        try {
          this.#look(await this.#reader.read())
        } catch (error) {
          this.#break(error)
        }
      }
    }
  }

  /** Settled first: what was held back is handed on when that is on record. */
  async #end(ended: WatchedEnd): Promise<void> {
    const error = ended.kind === 'cut' ? this.#options.cutOff?.() : undefined
    if (error !== undefined) {
      this.#failure = { error }
      this.#options.stop(error)
      this.#stopReading(error).catch(ignore)
    }
    try {
      await this.#settle(ended.kind, error ?? ended.error)
      this.#passage.release()
    } catch (refused) {
      this.#failure = { error: refused }
      this.#stopReading(refused).catch(ignore)
    }
  }

  async #read(): Promise<void> {
    try {
      this.#look(await this.#reader.read())
    } catch (error) {
      this.#break(error)
    }
  }

  #look({ done, value }: Read): void {
    if (this.#isStopped) return
    if (done) this.#exhaust(undefined)
    else if (this.#settled !== undefined) this.#passage.add(value)
    else this.#ended = this.#watch.take(value)
  }

  #break(error: unknown): void {
    if (!this.#isStopped) this.#exhaust({ error })
  }

  /** An answer that has ended is not changed by how its connection does. */
  #exhaust(failure: { readonly error: unknown } | undefined): void {
    this.#isExhausted = true
    this.#failure ??= failure
    this.#reader.releaseLock()
    if (this.#settled !== undefined) return
    const ended = this.#watch.finish(failure === undefined)
    this.#ended = failure === undefined ? ended : { kind: 'failed', error: failure.error }
  }

  #isDrained(): boolean {
    return this.#options.onStreamAbort !== 'estimate' && this.#settled === undefined && this.#ended === undefined
  }

  /** Reads on for what the answer tells at its end. */
  async #drain(): Promise<void> {
    const { onStreamAbort, stop } = this.#options
    const over = new AbortController()
    this.#passage.detach()
    const giveUp = () => {
      if (over.signal.aborted) return
      const reason = new DOMException('The rest of the answer took too long.', 'TimeoutError')
      stop(reason)
      this.#stopReading(reason).catch(ignore)
    }
    sleep(onStreamAbort === 'estimate' ? 0 : onStreamAbort.drainMs, over.signal).then(giveUp, ignore)
    await this.#pulling
    while (this.#ended === undefined && !this.#isStopped) await this.#read()
    over.abort()
    if (this.#ended?.kind === 'cut') stop(this.#options.cutOff?.())
    this.#stopReading(undefined).catch(ignore)
    await this.#settle('cancelled').catch(ignore)
  }

  #settle(kind: TappedKind, error?: unknown): Promise<void> {
    this.#settled ??= this.#tell(kind, error)
    return this.#settled
  }

  async #tell(kind: TappedKind, error: unknown): Promise<void> {
    const isGiven = kind === 'cancelled' || kind === 'dropped'
    const bytes = isGiven ? this.#passage.given() : this.#passage.answer()
    await this.#options.onEnd({ kind, ...(error === undefined ? {} : { error }), bytes, ...this.#watch.report() })
  }

  async #stopReading(reason: unknown): Promise<void> {
    if (this.#isStopped || this.#isExhausted) return
    this.#isStopped = true
    try {
      await this.#reader.cancel(reason)
    } finally {
      this.#reader.releaseLock()
    }
  }

  #close(end: () => void): void {
    this.#forgetSignal()
    this.#isLeft = true
    end()
  }

  #forgetSignal(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    this.#options.onLeft?.()
  }
}

function ignore(): void {}
