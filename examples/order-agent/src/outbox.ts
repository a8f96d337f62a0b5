import { Journal } from './journal.ts'

/** A mail as the agent wrote it. */
export interface Mail {
  readonly orderId: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** What a sent mail leaves behind. */
export interface Sent {
  readonly messageId: string
}

/**
 * A mail program as most are: it knows no idempotency keys, so sending twice means two mails. But it can be
 * asked what it sent, and the key travels along as the message's id.
 */
export class Outbox {
  readonly #journal: Journal

  constructor(path: string) {
    this.#journal = new Journal(path)
  }

  /** Whether there can be a mailbox of that name. */
  reaches(address: string): boolean {
    return /^[^@\s]+@[^@\s]+\.[a-z]+$/i.test(address)
  }

  send(mail: Mail, messageId: string): Sent {
    this.#journal.append({ messageId, ...mail })
    return { messageId }
  }

  find(messageId: string): Sent | undefined {
    return this.#journal.lines().some((line) => line.messageId === messageId) ? { messageId } : undefined
  }
}
