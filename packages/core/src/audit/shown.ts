import { droppedHash } from '../codec/dropped-value.ts'
import { jsonCopy } from '../codec/json-copy.ts'
import { recordedError } from '../codec/recorded-error.ts'
import { isSealed } from '../codec/sealed-text.ts'
import type { Redact, RedactAbout } from '../config/redact.ts'
import { hashOnly, isShownWhole, redacted, type Showing, shownError, shownValue } from '../config/shown-value.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import type { Body, EffectRecord, RecordLevel } from '../store/records.ts'
import { sha256Hex } from '../util/hash.ts'
import { type ErrorView, errorViewOf } from './error-view.ts'
import { readBody, UNREADABLE } from './read-body.ts'
import type { ExportedError, StoredValue } from './run-export.ts'
import { asStored, exportedValue } from './stored-value.ts'

type Kind = RedactAbout['kind']

/** Whose values are shown, and how much of them. */
export interface ShownOf {
  /** @default 'full' */
  readonly level?: RecordLevel
  readonly runId: string
  readonly tool?: string | undefined
}

/** What views and exports show of the bodies of one row. Never throws: one damaged value must not hide the others. */
export class Shown {
  readonly #redact: Redact | undefined
  readonly #level: RecordLevel
  readonly #about: Omit<RedactAbout, 'kind'>

  constructor(redact: Redact | undefined, { level = 'full', runId, tool }: ShownOf) {
    this.#redact = redact
    this.#level = level
    this.#about = tool === undefined ? { runId } : { runId, tool }
  }

  /** As a program gets it; undefined if nothing is stored. `digest`: the hash of what is stored, where the row has it. */
  value(kind: Kind, body: Body | null, digest?: Buffer | null): unknown {
    if (body === null) return undefined
    const showing = this.#showing(kind)
    const dropped = droppedHash(body)
    if (dropped !== undefined) return redacted(hashOnly(dropped), showing)
    if (isSealed(body)) return UNREADABLE
    return shownValue(readBody(body), showing, () => digest?.toString('hex') ?? sha256Hex(body))
  }

  /** As plain JSON with tags; `{ [name]: value }`, or nothing if nothing is stored: in JSON, null is a value. */
  valueField<Name extends string>(
    name: Name,
    kind: Kind,
    body: Body | null,
    digest?: Buffer | null,
  ): { readonly [N in Name]?: StoredValue } {
    return (body === null ? {} : { [name]: this.stored(kind, body, digest) }) as { readonly [N in Name]?: StoredValue }
  }

  /** The same for a value that is always there. */
  stored(kind: Kind, body: Body, digest?: Buffer | null): StoredValue {
    if (isShownWhole(this.#showing(kind))) return exportedValue(body)
    return asStored(this.value(kind, body, digest))
  }

  /** A request, which is plain JSON once it is rebuilt; `hash`: that of the request as it was. */
  request(request: unknown, hash: Buffer): unknown {
    const showing = this.#showing('request')
    if (isShownWhole(showing)) return request
    return jsonCopy(shownValue(request, showing, () => hash.toString('hex')))
  }

  error(body: Body | null): ErrorView | null {
    return body === null ? null : errorViewOf(this.errorFacts(recordedError(body)))
  }

  errorField<Name extends string>(name: Name, body: Body | null): { readonly [N in Name]?: ExportedError } {
    const field = body === null ? {} : { [name]: this.errorFacts(recordedError(body)) }
    return field as { readonly [N in Name]?: ExportedError }
  }

  /** What may be seen of an error that has been read. */
  errorFacts(error: SerializedError): ExportedError {
    return shownError(error, this.#showing('error'))
  }

  #showing(kind: Kind): Showing {
    return { level: this.#level, redact: this.#redact, about: { kind, ...this.#about } }
  }
}

/** What may be seen of an effect's values. */
export function shownOfEffect({ recordLevel: level, runId, tool }: EffectRecord, redact: Redact | undefined): Shown {
  return new Shown(redact, { level, runId, tool })
}
