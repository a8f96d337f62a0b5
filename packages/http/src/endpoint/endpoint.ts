/** What the answers of an endpoint look like, and where they say what was used. */
export type AnswerShape =
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'openai-embeddings'
  | 'openai-images'
  | 'openai-audio'
  | 'anthropic'
  | 'gemini'
  | 'ollama'

/** A request of which we can say what it costs. */
export interface MeteredEndpoint {
  readonly kind: 'metered'
  /** Who is paid, as prices know it: 'openai', 'azure', 'openrouter', … */
  readonly provider: string
  /** Such as 'chat.completions'; for people. */
  readonly name: string
  readonly shape: AnswerShape
  /** In the path, where the provider names it there: Gemini, Azure's deployments. */
  readonly model?: string | undefined
  /** Whether the path asks for a stream, where that is said there. */
  readonly streams?: boolean | undefined
}

/** A request that is billed, though nobody can say how much: it counts as a call of an unknown price. */
export interface UnpricedEndpoint {
  readonly kind: 'unpriced'
  readonly provider: string
  /** Such as 'videos'. */
  readonly name: string
}

/** What another request was billed for is told by the answer of this one, which costs nothing itself. */
export interface ResultEndpoint {
  readonly kind: 'result'
  readonly provider: string
  readonly name: string
  /** What that request is known by: the id of a response, a batch. */
  readonly id: string
  readonly shape: 'openai-responses' | 'openai-batch' | 'anthropic-batch-results'
}

/** Costs nothing: lists, files, token counts, everything that is only read. */
export interface FreeEndpoint {
  readonly kind: 'free'
}

/** Nothing is known of it: `unmetered` says what becomes of it. */
export interface UnknownEndpoint {
  readonly kind: 'unknown'
}

/** What a request is for, told from its method and its address alone. */
export type Endpoint = MeteredEndpoint | UnpricedEndpoint | ResultEndpoint | FreeEndpoint | UnknownEndpoint

/** What an endpoint is told from. */
export interface RequestAddress {
  readonly method: string
  readonly url: string
  /** Whose API it is, where the host does not say so: a proxy, a gateway, a local server. */
  readonly provider?: string | undefined
}
