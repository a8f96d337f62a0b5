import * as six from 'openai-v6'
import { expect, test, vi } from 'vitest'
import * as ours from './index.ts'

// The package imports nothing of the SDK but its root: so this is what it is on a machine that has openai 6.
vi.mock('openai', () => import('openai-v6'))

test('on openai 6 it exports what that has, guarded', () => {
  expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(six)))
  expect(ours.APIError).toBe(six.APIError)
  expect(ours.OpenAI).not.toBe(six.OpenAI)
  expect(new ours.OpenAI({ apiKey: 'k' })).toBeInstanceOf(six.OpenAI)
})
