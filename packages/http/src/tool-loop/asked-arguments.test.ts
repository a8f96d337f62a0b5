import { expect, test } from 'vitest'
import { askedArguments } from './asked-arguments.ts'
import type { AskedArguments } from './conversation.ts'

const asked = (args: AskedArguments) => askedArguments({ id: 'call_1', name: 'pay', args })
const text = (value: string) => asked({ kind: 'text', text: value })

test('arguments are what their JSON says', () => {
  expect(text('{"cents":5}')).toEqual({ args: { cents: 5 } })
  expect(asked({ kind: 'value', value: { cents: 5 } })).toEqual({ args: { cents: 5 } })
})

test.each(['', ' \n'])('a model that sends nothing, as in "%s", has no arguments', (nothing) => {
  expect(text(nothing)).toEqual({ args: {} })
})

test.each<[string, AskedArguments, string]>([
  ['broken JSON', { kind: 'text', text: '{"cents": 5' }, 'are not valid JSON'],
  ['a list', { kind: 'text', text: '[1]' }, 'are no JSON object'],
  ['null', { kind: 'text', text: 'null' }, 'are no JSON object'],
  ['a text', { kind: 'value', value: 'cents' }, 'are no JSON object'],
  ['half a character', { kind: 'text', text: '{"note":"\\ud83d"}' }, 'are nested too deep'],
  ['what has no bottom', { kind: 'text', text: `{"a":${'['.repeat(500)}${']'.repeat(500)}}` }, 'are nested too deep'],
  ['a part', { kind: 'cut-off' }, 'were cut off'],
])('a model that sends %s is told so', (_, args, problem) => {
  expect(asked(args)).toEqual({ problem: expect.stringContaining(problem) })
  expect(asked(args)).toEqual({ problem: expect.stringContaining('It was not run.') })
})
