/** What a response has beside its body. */
export type ResponseFacts = Pick<Response, 'status' | 'statusText' | 'headers' | 'url' | 'redirected'> & {
  /** @default 'default' */
  readonly type?: Response['type']
}

type ResponseBody = ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>

/** The statuses that a body is refused with. */
const BODILESS = new Set([101, 103, 204, 205, 304])

/** SDKs look at the address of a response, and hand its very headers on; so do its clones. */
class ResponseOf extends Response {
  readonly #facts: Required<ResponseFacts>

  constructor(facts: ResponseFacts, body: ResponseBody | null) {
    const { status, statusText, headers, url, redirected, type = 'default' } = facts
    const contentType = headers.get('content-type')
    // To copy all headers takes longer than all else here, and nobody sees the copy: a body's type is told by this one.
    super(body, { status, statusText, ...(contentType === null ? {} : { headers: { 'content-type': contentType } }) })
    this.#facts = { status, statusText, headers, url, redirected, type }
  }

  // As accessors, which TypeScript does not let a class put in place of what it takes for fields.
  static {
    const told = (read: (facts: Required<ResponseFacts>) => unknown) => ({
      get(this: ResponseOf) {
        return read(this.#facts)
      },
      configurable: true,
    })
    Object.defineProperties(ResponseOf.prototype, {
      headers: told(({ headers }) => headers),
      url: told(({ url }) => url),
      redirected: told(({ redirected }) => redirected),
      type: told(({ type }) => type),
      clone: {
        value(this: ResponseOf): Response {
          const { body } = Response.prototype.clone.call(this)
          return new ResponseOf({ ...this.#facts, headers: new Headers(this.#facts.headers) }, body)
        },
        configurable: true,
        writable: true,
      },
    })
    Object.defineProperty(ResponseOf, 'name', { value: 'Response' })
  }
}

/** A response with another body. */
export function responseWith(facts: ResponseFacts, body: ResponseBody): Response {
  return new ResponseOf(facts, BODILESS.has(facts.status) ? null : body)
}
