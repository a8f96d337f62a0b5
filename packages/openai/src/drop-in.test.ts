import * as seven from 'openai'
import { expect, test } from 'vitest'
import * as ours from './index.ts'

const GUARDED = ['default', 'OpenAI', 'AzureOpenAI', 'BedrockOpenAI']

test('everything that the SDK exports is exported, and all but the clients is the SDK`s own', () => {
  const theirs: Record<string, unknown> = { ...seven }
  const names = Object.keys(theirs)
  expect(Object.keys(ours)).toEqual(expect.arrayContaining(names))
  const others = names.filter((name) => !GUARDED.includes(name))
  for (const name of others) expect(ours).toHaveProperty(name, theirs[name])
  for (const name of GUARDED) expect(ours).not.toHaveProperty(name, theirs[name])
})

test('the default export is the client, and so is the one that it carries', () => {
  expect(ours.default).toBe(ours.OpenAI)
  expect([ours.OpenAI.OpenAI, ours.AzureOpenAI.OpenAI, ours.BedrockOpenAI.OpenAI]).toEqual(Array(3).fill(ours.OpenAI))
  expect(ours.OpenAI.APIError).toBe(seven.APIError)
})

test('a client has the SDK`s resources, and its class the SDK`s statics', () => {
  const options = { apiKey: 'k' }
  const [client, bare] = [new ours.OpenAI(options), new seven.OpenAI(options)]
  // The fetch is an accessor of the class, so that whatever is assigned to it is guarded.
  expect(Object.keys(client).sort()).toEqual(
    Object.keys(bare)
      .filter((name) => name !== 'fetch')
      .sort(),
  )
  for (const name of Object.keys(seven.OpenAI)) expect(ours.OpenAI).toHaveProperty(name)
})
