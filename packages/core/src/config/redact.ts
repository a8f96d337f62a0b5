/** What a value is that is about to be shown. */
export interface RedactAbout {
  readonly kind: 'input' | 'output' | 'args' | 'result' | 'error' | 'request' | 'response' | 'value'
  readonly runId: string
  readonly tool?: string
}

/** Masks a value before anybody sees it; gives back what may be seen. It must not change what it is given. */
export type Redact = (value: unknown, about: RedactAbout) => unknown
