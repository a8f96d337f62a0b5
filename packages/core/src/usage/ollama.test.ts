import { describe, expect, test } from 'vitest'
import { readUsage } from './read-usage.ts'

describe('Ollama', () => {
  test('counts stand in the answer itself', () => {
    const answer = { model: 'llama3.3', done: true, prompt_eval_count: 26, eval_count: 298 }
    expect(readUsage(answer)).toMatchObject({ usage: { input: 26, output: 298 }, model: 'llama3.3', complete: true })
  })

  test('a prompt that was cached is not told, and is no zero', () => {
    expect(readUsage({ model: 'llama3.3', eval_count: 5 })).toMatchObject({ usage: { output: 5 }, complete: false })
  })

  test('an embedding has no output', () => {
    expect(readUsage({ embeddings: [[0.1]], prompt_eval_count: 4 })).toMatchObject({ complete: true })
  })
})
