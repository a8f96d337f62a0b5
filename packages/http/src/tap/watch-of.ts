import { JsonWatch } from './json/json-watch.ts'
import { OpaqueWatch } from './opaque-watch.ts'
import type { Passage } from './passage.ts'
import { protocolOf } from './protocol/protocol-of.ts'
import { StreamWatch } from './stream/stream-watch.ts'
import type { TapOptions } from './tap.ts'
import type { Watch } from './watch.ts'

const EVENTS = /^\s*text\/event-stream\b/i
const LINES = /^\s*application\/(?:x-)?(?:ndjson|jsonl)\b/i
const NO_TYPE = /^\s*(?:$|text\/plain\b|application\/octet-stream\b)/i
const JSON_BODY = /^\s*application\/(?:[\w.-]+\+)?json\b/i

/** By its content type: what a body is, whoever asked for what. */
export function watchOf(contentType: string, options: TapOptions, passage: Passage): Watch {
  if (EVENTS.test(contentType)) return new StreamWatch(options, passage, protocolOf(options.shape), 'events')
  if (LINES.test(contentType)) return new StreamWatch(options, passage, protocolOf(options.shape), 'lines')
  if (JSON_BODY.test(contentType)) return new JsonWatch(options, passage)
  // SDKs read what they asked for, whatever type it says.
  if (options.asksForStream === true && NO_TYPE.test(contentType)) return streamed(options, passage)
  return new OpaqueWatch(passage)
}

function streamed(options: TapOptions, passage: Passage): Watch {
  const framing = options.shape === 'ollama' ? 'lines' : 'events'
  return new StreamWatch(options, passage, protocolOf(options.shape), framing)
}
