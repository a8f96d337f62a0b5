const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)'
const WEEKDAY = '(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\\s+)?'
const DAY = '\\d{1,2}(?:st|nd|rd|th)?'
const YEAR = '(?:,?\\s+\\d{4})?'
const FRACTION = '(?:[.,]\\d{1,9})?'
const OFFSET = '(?:\\s?Z|\\s?[+-]\\d{2}:?\\d{2})?'
const HALF_OF_DAY = '[AaPp]\\.?[Mm](?![A-Za-z])\\.?'

const ISO_DATE = `(?<!\\d)\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2}${FRACTION})?${OFFSET})?(?!\\d)`
const ISO_BASIC = '(?<!\\d)\\d{8}T\\d{6}Z?'
const CLOCK = `(?<![\\d:])\\d{1,2}:\\d{2}(?::\\d{2}${FRACTION})?(?:\\s?${HALF_OF_DAY})?(?![\\d:])`
const HOUR = `(?<!\\d)\\d{1,2}\\s?${HALF_OF_DAY}`
const SLASH_DATE = '(?<![\\d/])\\d{1,4}/\\d{1,2}/\\d{1,4}(?![\\d/])'
const DOT_DATE = '(?<![\\d.])\\d{1,2}\\.\\d{1,2}\\.\\d{4}(?!\\d)'
// No word boundary in front: in JSON text a line break before the word is the letters `\n`.
const MONTH_FIRST = `${WEEKDAY}${MONTH}\\.?\\s+${DAY}${YEAR}(?!\\d)`
const DAY_FIRST = `${WEEKDAY}(?<!\\d)${DAY}\\s+(?:of\\s+)?${MONTH}\\.?${YEAR}(?![a-z\\d])`
const ZONE = '(?:GMT|UTC)[+-]\\d{1,2}(?::?\\d{2})?(?:\\s\\([^)"\\\\]{1,60}\\))?'

/** Counted up when the rules change: hashes of two versions are not compared. */
export const MASK_VERSION = 1

const UUID = /[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}/g
/** Every UUID has it, and it starts with a rare character: looking for it first halves the work on most texts. */
const MIDDLE_OF_UUID = /-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-/

const VOLATILE = new RegExp(
  [ISO_DATE, ISO_BASIC, DAY_FIRST, CLOCK, HOUR, SLASH_DATE, DOT_DATE, MONTH_FIRST, ZONE].join('|'),
  'g',
)

/**
 * The text without what is different each time a program runs: dates, times, time zone tails, UUIDs.
 *
 * It may hide too much ("May 5 apples"), so that it serves to find a match where the exact text has none.
 */
export function maskVolatile(text: string): string {
  const withoutIds = MIDDLE_OF_UUID.test(text) ? text.replace(UUID, '~') : text
  return withoutIds.replace(VOLATILE, '~')
}
