import type { ReadStore } from '../store/read-verbs.ts'
import type { Clock } from '../util/clock.ts'
import type { AuditSource } from './audit-source.ts'
import { EffectKeys } from './effect-keys.ts'
import type { EntrySource } from './entry-source.ts'
import { type Entry, entryView } from './entry-view.ts'
import { LedgerSource } from './ledger-source.ts'
import { StreamSource } from './stream-source.ts'

const MIN_POLL_MS = 50
const MAX_POLL_MS = 1_000
const POLL_FACTOR = 2

/** What `ledger.tail` reads. */
export interface TailQuery {
  /** Only this run; else every run and scope. */
  readonly runId?: string
  /** `now` leaves out what is there already; a cursor goes on after the entry that carried it. @default 'start' */
  readonly from?: 'start' | 'now' | (string & {})
  /** Goes on as entries come, until the signal or the loop ends it; false ends at the present. @default true */
  readonly follow?: boolean
  readonly signal?: AbortSignal
  /** The longest pause between two looks; idle looks start at 50 ms and double. @default 1_000 */
  readonly pollMs?: number
}

/** An entry that can be gone on from. */
export interface TailEntry extends Entry {
  /** For `from` of a later tail of the same query. */
  readonly cursor: string
}

type TailStore = Pick<ReadStore, 'listEntries' | 'listEffects' | 'tail'>

/** Entries as they come: each stream in its own order, none lost, none twice. An abort ends it without a throw. */
export async function* tailEntries(
  { store, redact }: AuditSource<TailStore>,
  clock: Clock,
  query: TailQuery = {},
): AsyncGenerator<TailEntry> {
  const { follow = true, signal } = query
  const source = openSource(store, query)
  const keys = new EffectKeys(store)
  const pause = new IdlePause(clock, query.pollMs ?? MAX_POLL_MS)
  if (query.from === 'now') await skipToPresent(source, signal)
  while (!signal?.aborted) {
    const page = await source.next()
    for (const { entry, cursor } of page) {
      if (signal?.aborted) return
      yield { ...entryView(entry, await keys.factsOf(entry.effect), redact), cursor }
    }
    if (page.length > 0) pause.reset()
    else if (!follow) return
    else await pause.wait(signal)
  }
}

function openSource(store: TailStore, { runId, from }: TailQuery): EntrySource {
  const cursor = from === 'start' || from === 'now' ? undefined : from
  return runId === undefined ? new LedgerSource(store, cursor) : new StreamSource(store, runId, cursor)
}

async function skipToPresent(source: EntrySource, signal: AbortSignal | undefined): Promise<void> {
  while (!signal?.aborted && (await source.next()).length > 0);
}

/** Looks often while something happens, and seldom while nothing does. */
class IdlePause {
  readonly #clock: Clock
  readonly #maxMs: number
  #ms: number

  constructor(clock: Clock, maxMs: number) {
    this.#clock = clock
    this.#maxMs = maxMs
    this.#ms = Math.min(MIN_POLL_MS, maxMs)
  }

  reset(): void {
    this.#ms = Math.min(MIN_POLL_MS, this.#maxMs)
  }

  async wait(signal: AbortSignal | undefined): Promise<void> {
    const ms = this.#ms
    this.#ms = Math.min(ms * POLL_FACTOR, this.#maxMs)
    try {
      await this.#clock.sleep(ms, signal)
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  }
}
