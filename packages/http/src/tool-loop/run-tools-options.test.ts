import { ConfigError } from 'holdfast'
import { expect, test } from 'vitest'
import { checkedOptions } from './run-tools-options.ts'

const options = { client: {}, model: 'm', tools: [] }

test('a prompt is what the user says, and there are bounds', () => {
  expect(checkedOptions({ ...options, prompt: 'Hello' })).toEqual({
    maxTurns: 8,
    maxResultChars: 100_000,
    messages: [{ role: 'user', content: 'Hello' }],
  })
})

test.each([
  ['neither prompt nor messages', {}, 'give either `prompt` or `messages`'],
  ['both', { prompt: 'Hello', messages: [] }, 'give either `prompt` or `messages`'],
  ['no turn', { prompt: 'Hello', maxTurns: 0 }, 'maxTurns is 0'],
  ['turns without an end', { prompt: 'Hello', maxTurns: Number.POSITIVE_INFINITY }, 'maxTurns is Infinity'],
  ['half a character', { prompt: 'Hello', maxResultChars: 0.5 }, 'maxResultChars is 0.5'],
  ['an option that nothing reads', { prompt: 'Hello', maxSteps: 8 }, "there is no option 'maxSteps'"],
])('%s is refused', (_, more, message) => {
  expect(() => checkedOptions({ ...options, ...more })).toThrow(ConfigError)
  expect(() => checkedOptions({ ...options, ...more })).toThrow(message)
})
