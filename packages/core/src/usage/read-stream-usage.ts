import { isFields, unlessImpossible } from './fields.ts'
import { readTold } from './read-usage.ts'
import type { Fields, UsageContext, UsageReading } from './usage-reading.ts'

/**
 * What a stream tells of its usage, from its events as they came, also if it broke off. Counts of later events replace
 * those of earlier ones: no provider sends parts that have to be added up. Undefined where no event tells.
 */
export function readStreamUsage(events: Iterable<unknown>, context: UsageContext = {}): UsageReading | undefined {
  const list = [...events].filter(isFields)
  return unlessImpossible(() => readEvents(list, context))
}

function readEvents(list: readonly Fields[], context: UsageContext): UsageReading | undefined {
  const start = list.find(({ type, message }) => type === 'message_start' && isFields(message))
  if (start !== undefined && isFields(start.message)) return readAnthropicStream(start.message, list, context)
  for (const event of list.toReversed()) {
    const reading = readTold(event, context)
    if (reading !== undefined) return reading
  }
  return undefined
}

/** The start tells the input, the tier and a first guess at the output; each delta tells what it is by then. */
function readAnthropicStream(
  message: Fields,
  events: readonly Fields[],
  context: UsageContext,
): UsageReading | undefined {
  const deltas = events.filter(({ type, usage }) => type === 'message_delta' && isFields(usage))
  const told = deltas.flatMap(({ usage }) => (isFields(usage) ? [withoutNulls(usage)] : []))
  const usage = Object.assign({}, isFields(message.usage) ? message.usage : {}, ...told)
  const reading = readTold({ ...message, usage }, context)
  const isOver = told.some(({ output_tokens }) => output_tokens !== undefined)
  return reading && { ...reading, complete: reading.complete && isOver }
}

function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
