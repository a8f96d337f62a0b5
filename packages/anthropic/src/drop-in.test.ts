import * as one from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import * as ours from './index.ts'

const GUARDED = ['default', 'Anthropic', 'BaseAnthropic']

test('everything that the SDK exports is exported, and all but the clients is the SDK`s own', () => {
  const theirs: Record<string, unknown> = { ...one }
  const names = Object.keys(theirs)
  expect(Object.keys(ours)).toEqual(expect.arrayContaining(names))
  const others = names.filter((name) => !GUARDED.includes(name))
  for (const name of others) expect(ours).toHaveProperty(name, theirs[name])
  for (const name of GUARDED) expect(ours).not.toHaveProperty(name, theirs[name])
})

test('the default export is the client, and so is the one that it carries', () => {
  expect(ours.default).toBe(ours.Anthropic)
  expect([ours.Anthropic.Anthropic, ours.BaseAnthropic.Anthropic]).toEqual(Array(2).fill(ours.Anthropic))
  expect(ours.Anthropic.APIError).toBe(one.APIError)
})

test('a client has the SDK`s resources, and its class the SDK`s statics', () => {
  const options = { apiKey: 'k' }
  const [client, bare] = [new ours.Anthropic(options), new one.Anthropic(options)]
  expect(Object.keys(client).sort()).toEqual(Object.keys(bare).sort())
  for (const name of Object.keys(one.Anthropic)) expect(ours.Anthropic).toHaveProperty(name)
})
