import { expect, test } from 'vitest'
import { withChanges } from './with-changes.ts'

const OWN = { model: 'm', messages: [{ role: 'user', content: 'a "max_tokens":1 }' }], max_tokens: 9 }

test.each([
  ['replaced', OWN, { max_tokens: 5 }],
  ['added', { model: 'm' }, { max_completion_tokens: 5 }],
  ['added to nothing', {}, { max_tokens: 5 }],
  ['nested', { generationConfig: { topK: 1 } }, { generationConfig: { topK: 1, maxOutputTokens: 5 } }],
  ['two', OWN, { max_tokens: 5, thinking: { type: 'enabled', budget_tokens: 2 } }],
])('only the members that were changed are written: %s', (_, own, changes) => {
  const changed = { ...own, ...changes }
  for (const text of [JSON.stringify(own), JSON.stringify(own, undefined, 2)])
    expect(JSON.parse(withChanges(text, own, changed))).toEqual(changed)
})

test('nothing changed: the very text', () => {
  const text = JSON.stringify(OWN, undefined, 1)
  expect(withChanges(text, OWN, { ...OWN })).toBe(text)
})

test('what its caller has done to the object since the text was written is not in it', () => {
  const own = structuredClone(OWN)
  const text = JSON.stringify(own)
  own.messages.push({ role: 'user', content: 'later' })
  expect(JSON.parse(withChanges(text, own, { ...own, max_tokens: 5 }))).toEqual({ ...OWN, max_tokens: 5 })
})
