import { maskVolatile } from './volatile-text.ts'

/** Ids that a service gives each request: a word and, behind `_` or `-`, at least six letters and digits, one digit among them. */
const REQUEST_ID = /(?<![A-Za-z0-9])(?:req|request|trace|msg|resp|chatcmpl)[_-](?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{6,}/g
const DURATION =
  /(?<![\w.])\d+(?:\.\d+)?\s?(?:ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)(?![A-Za-z0-9_])/g

/** The message of a failure without what is different each time the same fails: times, durations, UUIDs, ids of requests. */
export function maskFailure(message: string): string {
  return maskVolatile(message).replace(REQUEST_ID, '~').replace(DURATION, '~')
}
