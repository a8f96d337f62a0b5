/** A call of a tool: its name, and its arguments as a value, or as the very text that a model would send. */
export type ScriptedCall = readonly [tool: string, args?: object | string]

/** What the scripted model does with one request. */
export interface ScriptedAnswer {
  /** What it says; of an error, its message. */
  readonly text?: string
  /** The calls that it asks for, in one turn. */
  readonly tools?: readonly ScriptedCall[]
  /** In tokens. @default a quarter of the characters that went in and came out */
  readonly usage?: { readonly input?: number; readonly output?: number }
  /** From 400 on it is the provider's own error, which its client may retry, at once. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The connection breaks before an answer (`reset`) or in the middle of it (`cut`), or nothing ever comes (`hang`). */
  readonly error?: 'reset' | 'cut' | 'hang'
  /** It ended at its cap on output. */
  readonly cutOff?: boolean
}

/** A text, a call, several calls in one turn, or all there is to say. */
export type ScriptedTurn = string | ScriptedCall | readonly ScriptedCall[] | ScriptedAnswer

/** A request as the scripted model got it. */
export interface ScriptedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  /** Its JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly body: any
}

/** What a model answers, request by request. A function is asked with the request. */
export type Script = readonly (ScriptedTurn | ((request: ScriptedRequest) => ScriptedTurn))[]

/** A turn with all that it may say. */
export function answerOf(turn: ScriptedTurn): ScriptedAnswer {
  if (typeof turn === 'string') return { text: turn }
  if (!isList(turn)) return turn
  return { tools: isCall(turn) ? [turn] : turn }
}

function isList(turn: Exclude<ScriptedTurn, string>): turn is ScriptedCall | readonly ScriptedCall[] {
  return Array.isArray(turn)
}

function isCall(turn: ScriptedCall | readonly ScriptedCall[]): turn is ScriptedCall {
  return typeof turn[0] === 'string'
}
