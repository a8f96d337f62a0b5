import { describe, expect, test } from 'vitest'
import { readUsage } from './read-usage.ts'

const usageOf = (answer: unknown, provider?: string) => readUsage(answer, provider ? { provider } : {})?.usage

describe('images', () => {
  test('what came out is image, unless a part of it is said to be text', () => {
    const usage = {
      input_tokens: 50,
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
      output_tokens: 4_160,
    }
    const image = { created: 1, data: [{ b64_json: '' }] }
    expect(usageOf({ ...image, usage })).toEqual({ input: 10, inputImage: 40, output: 0, outputImage: 4_160 })
    const details = { output_tokens_details: { text_tokens: 60, image_tokens: 4_100 } }
    expect(usageOf({ type: 'image_edit.completed', usage: { ...usage, ...details } })).toEqual({
      input: 10,
      inputImage: 40,
      output: 60,
      outputImage: 4_100,
    })
    expect(usageOf(usage)).toMatchObject({ outputImage: 4_160 })
  })

  test('a drawing by another model is to be paid at its own price', () => {
    const drawing = { model: 'gpt-5.5', input_tokens: 9, output_tokens: 7, reasoning_tokens: 5, total_tokens: 21 }
    const usage = { input_tokens: 3, output_tokens: 4 }
    expect(readUsage({ model: 'gpt-image-2', data: [], usage, svg_usage: drawing })).toMatchObject({
      usage: { input: 3, outputImage: 4 },
      model: 'gpt-image-2',
      others: [{ usage: { input: 9, output: 7, reasoning: 5 }, model: 'gpt-5.5', complete: true }],
    })
    expect(readUsage({ data: [], svg_usage: drawing })).toMatchObject({ model: 'gpt-5.5', usage: { input: 9 } })
  })
})
