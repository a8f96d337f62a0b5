/** The arguments of a call, as the provider's client hands them on. */
export type AskedArguments =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: unknown }
  /** The answer ended before they did. */
  | { readonly kind: 'cut-off' }

/** A call of a tool that a model asks for. */
export interface AskedCall {
  readonly id: string
  readonly name: string
  readonly args: AskedArguments
}

/** What a model said in one turn. */
export interface ModelTurn<Message> {
  /** As it goes into the conversation. */
  readonly messages: readonly Message[]
  readonly text: string
  readonly calls: readonly AskedCall[]
  /** The provider's own answer, or its usage. */
  readonly answer: unknown
  /** Without a call it is done, unless the provider says that it is to go on. */
  readonly goesOn?: boolean
}

/** What a call came to, as the model is to read it. */
export interface CallAnswer {
  readonly call: AskedCall
  readonly text: string
  readonly failed: boolean
}

/** How a provider is spoken to. */
export interface Conversation<Message> {
  /** One model request. */
  ask(messages: readonly Message[], signal: AbortSignal | undefined): Promise<ModelTurn<Message>>
  /** The calls of a turn, in its order, as they go into the conversation. */
  answer(answers: readonly CallAnswer[]): readonly Message[]
}
