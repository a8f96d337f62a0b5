/**
 * Encrypts what is stored, and reads it again.
 *
 * Synchronous on purpose: verbs that are issued together keep their order. A key that lives in a key service is fetched
 * once, before the ledger is made.
 */
export interface Codec {
  /** Stands beside every body that it wrote: 1 to 64 of A-Z, a-z, 0-9, `.`, `_`, `-`. */
  readonly id: string
  encode(plain: Uint8Array): Uint8Array
  /** Throws for what it did not write. */
  decode(sealed: Uint8Array): Uint8Array
}
