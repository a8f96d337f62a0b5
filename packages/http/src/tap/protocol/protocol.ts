import { SeenText } from './seen-text.ts'

/**
 * What becomes of an event. `pass`: it is handed on. `hold`: an agent may act upon it, so that it waits, and all that
 * follows, until the answer is settled. `end`: it is the last. `fail`: the provider gave up.
 */
export type Verdict = 'pass' | 'hold' | 'end' | 'fail'

/** What is noted of a stream as it goes by. */
export class StreamNotes {
  readonly seen: SeenText = new SeenText()
  /** What tells of usage, in order, as latin1. */
  telling: string[] = []
  /** The protocol said that it was all. */
  isOver = false
  /** The model said so: if the body ends now, nothing is missing. */
  isFinished = false
  /** The provider said that it failed, and may say more of that. */
  hasFailed = false
  /** What the answer is known by, where its provider goes on with it in the background. */
  pendingId: string | undefined

  /** What was told before counts no more. */
  tellOnly(data: string): void {
    this.telling = [data]
  }
}

/** Knows the events of one protocol. */
export interface Protocol {
  /** `data`: what the event says, as latin1: a character is a byte. */
  see(data: string, notes: StreamNotes): Verdict
}
