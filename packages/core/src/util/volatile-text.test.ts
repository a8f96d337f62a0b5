import { describe, expect, test } from 'vitest'
import { maskVolatile } from './volatile-text.ts'

const moments = [new Date('2026-11-20T20:06:07.123Z'), new Date('2027-01-02T03:04:05.006Z')] as const
const zoned = { timeZone: 'Europe/Amsterdam', dateStyle: 'full', timeStyle: 'full' } as const

const formats: [string, (date: Date) => string][] = [
  ['ISO', (date) => date.toISOString()],
  ['ISO date', (date) => date.toISOString().slice(0, 10)],
  ['ISO with a blank and an offset', (date) => `${date.toISOString().slice(0, 19).replace('T', ' ')}+01:00`],
  ['basic ISO', (date) => date.toISOString().replace(/[-:]|\.\d+/g, '')],
  ['toString', (date) => date.toString()],
  ['toString elsewhere', (date) => `${date.toString().slice(0, 24)} GMT+0${date.getUTCMonth() % 3}00 (Some Time)`],
  ['toUTCString', (date) => date.toUTCString()],
  ['toDateString', (date) => date.toDateString()],
  ['American', (date) => date.toLocaleString('en-US')],
  ['British, in full', (date) => date.toLocaleString('en-GB', { ...zoned, timeStyle: 'short' })],
  ['American, in full', (date) => date.toLocaleString('en-US', { ...zoned, timeStyle: 'short' })],
  ['German', (date) => date.toLocaleString('de-DE')],
  ['an hour', (date) => `${(date.getUTCHours() % 12) + 1} pm`],
  ['a day in words', (date) => `the ${date.getUTCDate()}th of ${date.toLocaleString('en', { month: 'long' })}`],
]

describe('maskVolatile', () => {
  test.each(formats)('hides when it was: %s', (_, format) => {
    const [one, other] = moments.map((date) => `It is ${format(date)}. "Order" 4711`)
    expect(one).not.toBe(other)
    expect(maskVolatile(one as string)).toBe(maskVolatile(other as string))
    expect(maskVolatile(one as string)).toContain('"Order" 4711')
  })

  test('hides it within JSON text, where a line break is two letters', () => {
    const [one, other] = moments.map((date) => JSON.stringify(`Today:\n${date.toDateString()}\n${date.toISOString()}`))
    expect(maskVolatile(one as string)).toBe(maskVolatile(other as string))
  })

  test('hides UUIDs, also behind a prefix', () => {
    expect(maskVolatile('call_123e4567-e89b-12d3-a456-426614174000')).toBe('call_~')
  })

  test.each([
    'Refund 25.00 EUR for order 4711',
    'version 1.2.3',
    'ratio 10:1',
    'either/or, 1/2',
    'sku-2026-1',
    'May I?',
    'https://example.com/a/b',
    'deadbeef-0000',
    '+31 20 123 45 67',
    '1.10.2',
  ])('leaves %s alone', (text) => {
    expect(maskVolatile(text)).toBe(text)
  })

  test('takes linear time over text that almost matches', () => {
    const texts = ['1:', '2026-11-', 'Mon Jan ', 'GMT+1 (', 'aaaaaaaa-bbbb-cccc-dddd-', '12/', 'Monday, '].map((text) =>
      text.repeat(20_000),
    )
    const start = performance.now()
    for (const text of texts) maskVolatile(text)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
