import { describe, expect, test } from 'vitest'
import { isReasoning, outputMedia, serviceTier } from './asked-for.ts'

describe('isReasoning', () => {
  test.each([
    'gpt-5',
    'gpt-5.4-mini',
    'gpt-6-sol',
    'openai/gpt-5',
    'o3',
    'o4-mini',
    'deepseek-reasoner',
    'deepseek-r1',
    'grok-4.3',
    'gemini-2.5-pro',
    'gemini-3.5-flash',
    'kimi-k2-thinking',
    'gpt-oss-120b',
  ])('guesses that %s thinks', (model) => {
    expect(isReasoning({}, model)).toBe(true)
  })

  test.each([
    'gpt-4o',
    'gpt-4.1',
    'gpt-5-chat-latest',
    'claude-sonnet-5',
    'llama4',
    'gemini-2.0-flash',
    'grok-4-fast-non-reasoning',
  ])('guesses that %s does not', (model) => {
    expect(isReasoning({}, model)).toBe(false)
  })

  test.each([
    [{ thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    [{ thinking: { type: 'adaptive' } }],
    [{ reasoning_effort: 'low' }],
    [{ reasoning: { effort: 'high' } }],
    [{ think: true }],
    [{ generationConfig: { thinkingConfig: { thinkingBudget: -1 } } }],
    [{ providerOptions: { openai: { reasoningEffort: 'low' } } }],
    [{ reasoning: 'high' }],
  ])('is told so by %j', (request) => {
    expect(isReasoning(request, 'acme-1')).toBe(true)
  })

  test.each([
    [{ thinking: { type: 'disabled' } }],
    [{ reasoning_effort: 'none' }],
    [{ reasoning: { effort: 'none' } }],
    [{ think: false }],
    [{ enable_thinking: false }],
    [{ config: { thinkingConfig: { thinkingBudget: 0 } } }],
    [{ providerOptions: { google: { thinkingConfig: { thinkingBudget: 0 } } } }],
  ])('is told otherwise by %j', (request) => {
    expect(isReasoning(request, 'gpt-5')).toBe(false)
  })

  test('goes by the model where the request leaves it to the provider', () => {
    expect(isReasoning({ reasoning: 'provider-default', reasoning_effort: null }, 'gpt-5')).toBe(true)
    expect(isReasoning('Hello', 'gpt-4o')).toBe(false)
  })
})

describe('outputMedia', () => {
  test.each([
    [['audio'], { modalities: ['text', 'audio'] }],
    [['image'], { generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }],
    [['image'], { config: { responseModalities: ['IMAGE'] } }],
    [['image'], { providerOptions: { google: { responseModalities: ['TEXT', 'IMAGE'] } } }],
    [[], { modalities: ['text'] }],
    [[], { modalities: 'audio' }],
    [[], 'Hello'],
  ])('finds %j in %j', (expected, request) => {
    expect(outputMedia(request)).toEqual(expected)
  })
})

describe('serviceTier', () => {
  test.each([
    ['flex', { service_tier: 'flex' }],
    ['auto', { service_tier: 'auto' }],
    ['fast', { service_tier: 'auto', speed: 'fast' }],
    ['priority', { providerOptions: { openai: { serviceTier: 'priority' } } }],
    ['auto', { service_tier: 'auto', speed: 'standard' }],
    [undefined, { service_tier: null }],
    [undefined, {}],
  ])('finds %s in %j', (expected, request) => {
    expect(serviceTier(request)).toBe(expected)
  })
})
