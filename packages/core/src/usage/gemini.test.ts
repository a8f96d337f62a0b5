import { describe, expect, test } from 'vitest'
import { readUsage } from './read-usage.ts'

const usageOf = (answer: unknown, provider?: string) => readUsage(answer, provider ? { provider } : {})?.usage

describe('Gemini', () => {
  test('the cache is part of the prompt; thoughts and what tools read stand beside it', () => {
    const usageMetadata = {
      promptTokenCount: 1_000,
      cachedContentTokenCount: 600,
      candidatesTokenCount: 50,
      thoughtsTokenCount: 400,
      toolUsePromptTokenCount: 30,
      totalTokenCount: 1_480,
      trafficType: 'ON_DEMAND_PRIORITY',
    }
    expect(readUsage({ candidates: [], usageMetadata, modelVersion: 'gemini-3.5-flash' })).toEqual({
      usage: { input: 430, cacheRead: 600, output: 50, reasoning: 400 },
      model: 'gemini-3.5-flash',
      serviceTier: 'ON_DEMAND_PRIORITY',
      complete: true,
      others: [],
    })
  })

  test('kinds of content are told apart on both sides, and in the cache', () => {
    const kind = (modality: string, tokenCount: number) => ({ modality, tokenCount })
    const usageMetadata = {
      promptTokenCount: 100,
      promptTokensDetails: [kind('TEXT', 10), kind('AUDIO', 40), kind('DOCUMENT', 20), kind('VIDEO', 30)],
      cachedContentTokenCount: 25,
      cacheTokensDetails: [kind('TEXT', 5), kind('AUDIO', 20)],
      candidatesTokenCount: 1_300,
      candidatesTokensDetails: [kind('TEXT', 10), kind('IMAGE', 1_290)],
    }
    expect(usageOf(usageMetadata)).toEqual({
      input: 5,
      cacheRead: 5,
      inputAudio: 20,
      cacheReadAudio: 20,
      inputImage: 20,
      inputVideo: 30,
      output: 10,
      outputImage: 1_290,
    })
  })

  test('a prompt that was blocked had no output; an answer that only thought did', () => {
    const blocked = { promptTokenCount: 9, totalTokenCount: 9 }
    expect(readUsage({ usageMetadata: blocked })).toMatchObject({ usage: { input: 9 }, complete: true })
    const thought = { promptTokenCount: 9, totalTokenCount: 29 }
    expect(readUsage({ usageMetadata: thought })).toMatchObject({ usage: { reasoning: 20 }, complete: true })
  })

  test('searches are billed by query, up to Gemini 2.5 by answer', () => {
    const searched = (modelVersion: string) => ({
      candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b', 'c'] } }, {}],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
      modelVersion,
    })
    expect(usageOf(searched('gemini-3.5-flash'))).toMatchObject({ webSearches: 3 })
    expect(usageOf(searched('gemini-2.5-pro'))).toMatchObject({ webSearches: 1 })
  })
})
