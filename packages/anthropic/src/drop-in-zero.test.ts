import * as zero from '@anthropic-ai/sdk-v0'
import { expect, test, vi } from 'vitest'
import * as ours from './index.ts'

// The package imports nothing of the SDK but its root: so this is what it is on a machine that has 0.x.
vi.mock('@anthropic-ai/sdk', () => import('@anthropic-ai/sdk-v0'))

test('on 0.x it exports what that has, guarded', () => {
  expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(zero)))
  expect(ours.APIError).toBe(zero.APIError)
  expect(ours.Anthropic).not.toBe(zero.Anthropic)
  expect(new ours.Anthropic({ apiKey: 'k' })).toBeInstanceOf(zero.Anthropic)
})
