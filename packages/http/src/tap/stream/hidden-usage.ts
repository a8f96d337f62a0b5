const USAGE = '"usage"'
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/
/** What a member is, from behind its name on, with the comma behind it. */
const TOLD = /\s*:\s*\{/y
const NOT_TOLD = /\s*:\s*null(\s*,)?/y
const COMMA_BEFORE = /,\s*$/

/** From where to where. */
export type Cut = readonly [start: number, end: number]

/**
 * What an event of a chat says only because we asked for usage. A chunk that says more than its usage is left alone: its
 * host sends that without being asked.
 */
export function hiddenPart(event: string): Cut | undefined {
  const start = event.lastIndexOf(USAGE)
  if (start === -1) return undefined
  const end = start + USAGE.length
  TOLD.lastIndex = end
  if (TOLD.test(event)) return NO_CHOICES.test(event) ? [0, event.length] : undefined
  NOT_TOLD.lastIndex = end
  const found = NOT_TOLD.exec(event)
  if (found === null) return undefined
  const [{ length }, commaBehind] = found
  if (commaBehind !== undefined) return [start, end + length]
  // The last of its members: the comma before it goes.
  const before = COMMA_BEFORE.exec(event.slice(Math.max(0, start - LONGEST_GAP), start))
  return [start - (before?.[0].length ?? 0), end + length]
}

const LONGEST_GAP = 16
