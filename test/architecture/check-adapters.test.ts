import { expect, test } from 'vitest'
import { checkAdapters } from './check-adapters.ts'
import { parseSource } from './parsed-source.ts'

test.each([
  ['http/src/a.ts', "import { readUsage } from 'holdfast/usage'", 'http may not import holdfast/usage'],
  ['http/src/a.ts', "import OpenAI from 'openai'", 'http may not import openai'],
  ['openai/src/a.ts', "import { a } from '@holdfast/anthropic'", 'openai may not import @holdfast/anthropic'],
  ['anthropic/src/a.ts', "export * from 'openai'", 'anthropic may not import openai'],
  ['nobody/src/a.ts', '', '"nobody" is no package'],
])('%s with %s: %s', (path, text, message) => {
  const violations = checkAdapters([parseSource(`packages/${path}`, text)])
  expect(violations).toHaveLength(1)
  expect(violations[0]).toContain(message)
})

test.each([
  ['http/src/a.ts', "import { readUsage } from 'holdfast'; import { Buffer } from 'node:buffer'; import './b.ts'"],
  ['openai/src/a.ts', "import type { Stream } from 'openai/streaming'; import { guardFetch } from '@holdfast/http'"],
  ['openai/src/a.ts', "export { OpenAI } from '#clients'"],
  ['anthropic/src/a.ts', "export * from '@anthropic-ai/sdk'"],
  ['core/src/a.ts', "import Database from 'better-sqlite3'"],
])('%s may have %s', (path, text) => {
  expect(checkAdapters([parseSource(`packages/${path}`, text)])).toEqual([])
})
