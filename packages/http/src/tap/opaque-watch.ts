import type { Passage } from './passage.ts'
import type { Watch, WatchedEnd, WatchReport } from './watch.ts'

/** A body that nobody can read, such as speech. */
export class OpaqueWatch implements Watch {
  readonly #passage: Passage

  constructor(passage: Passage) {
    this.#passage = passage
  }

  take(chunk: Uint8Array): undefined {
    this.#passage.add(chunk)
  }

  finish(): WatchedEnd {
    return { kind: 'complete' }
  }

  report(): WatchReport {
    return { reading: undefined, seenTokens: undefined, pendingId: undefined }
  }
}
