import { test } from 'vitest'
import { probed } from './support/client-methods.ts'
import { OPENAI, ANTHROPIC } from './support/sdks.ts'
const FILE = new File(['abc'], 'a.mp3', { type: 'audio/mpeg' })
export const BODY = { messages: [{ role: 'user', content: 'a' }], max_tokens: 100, input: 'a', prompt: 'a', file: FILE, files: [FILE], image: FILE, voice: 'alloy', thread_id: 't', tools: [], requests: [] }
test.each(OPENAI)('$name', async (sdk) => {
  const all = await probed((fetch) => sdk.bare('http://x', { fetch, adminAPIKey: 'a' }) as object, { ...BODY, model: 'gpt-5' }, 'https://api.openai.com')
  const g: any = {}
  for (const { name, kind } of all) (g[kind] ??= []).push(name)
  console.log(sdk.name, JSON.stringify({ ...g, free: g.free.length }))
})
test.each(ANTHROPIC)('$name', async (sdk) => {
  const all = await probed((fetch) => sdk.bare('http://x', { fetch, adminAPIKey: 'a' }) as object, { ...BODY, model: 'claude-haiku-4-5' }, 'https://api.anthropic.com')
  const g: any = {}
  for (const { name, kind } of all) (g[kind] ??= []).push(name)
  console.log(sdk.name, JSON.stringify({ ...g, free: g.free.length }))
})
