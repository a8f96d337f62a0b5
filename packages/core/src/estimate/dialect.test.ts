import { describe, expect, test } from 'vitest'
import { type Dialect, dialectOf } from './dialect.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const parts = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }]

const requests: [Dialect | undefined, string, string, unknown][] = [
  ['openai-chat', 'openai', 'gpt-5', { messages }],
  ['openai-chat', 'openai.chat', 'gpt-5', { messages, max_completion_tokens: 5 }],
  ['openai-chat', 'acme', 'acme-1', { messages }],
  ['openai-chat', 'openrouter', 'anthropic/claude-sonnet-5', { messages, max_tokens: 5 }],
  ['openai-chat', 'ollama', 'llama4', { messages, stream_options: { include_usage: true } }],
  ['openai-chat', 'deepseek', 'deepseek-v4-pro', { messages, thinking: { type: 'enabled' } }],
  ['openai-completions', 'openai', 'gpt-3.5-turbo-instruct', { prompt: 'Once upon' }],
  ['openai-completions', 'together', 'llama', { prompt: ['a', 'b'], max_tokens: 5 }],
  ['openai-responses', 'openai', 'gpt-5', { input: 'Hello' }],
  ['openai-responses', 'openai.responses', 'gpt-5', { input: [{ role: 'user', content: 'Hello' }] }],
  ['openai-responses', 'openai', 'gpt-5', { prompt: { id: 'pmpt_1' } }],
  ['openai-responses', 'openai', 'gpt-5', { previous_response_id: 'resp_1' }],
  ['openai-embeddings', 'openai', 'text-embedding-3-small', { input: 'Hello' }],
  ['openai-embeddings', 'acme', 'acme-1', { input: ['Hello', 'you'] }],
  ['openai-embeddings', 'acme', 'acme-1', { input: [[1, 2], [3]] }],
  ['openai-embeddings', 'acme', 'acme-1', { input: 'Hello', dimensions: 256 }],
  ['anthropic', 'anthropic', 'claude-sonnet-5', { messages, max_tokens: 5 }],
  ['anthropic', 'bedrock', 'claude', { anthropic_version: 'bedrock-2023-05-31', messages, max_tokens: 5 }],
  ['anthropic', 'acme', 'claude-sonnet-5', { messages, max_tokens: 5 }],
  ['anthropic', 'minimax', 'm3', { messages, max_tokens: 5, system: 'Be kind' }],
  ['anthropic', 'acme', 'x', { messages, tools: [{ name: 't', input_schema: { type: 'object' } }] }],
  ['anthropic', 'acme', 'x', { messages, thinking: { type: 'enabled', budget_tokens: 2_000 } }],
  ['gemini', 'google', 'gemini-3.5-flash', { contents: [{ parts: [{ text: 'Hello' }] }] }],
  ['gemini', 'google', 'gemini-3.5-flash', { contents: 'Hello', config: { maxOutputTokens: 5 } }],
  ['ollama', 'ollama', 'llama4', { messages }],
  ['ollama', 'acme', 'llama4', { messages, options: { num_predict: 5 } }],
  ['ollama', 'ollama', 'llama4', { prompt: 'Hello' }],
  ['ai-sdk', 'openai.responses', 'gpt-5', { prompt: parts, maxOutputTokens: 5 }],
  ['ai-sdk', 'anthropic.messages', 'claude-sonnet-5', { prompt: parts }],
  ['plain', 'openai', 'gpt-5', 'Hello'],
  ['plain', 'openai', 'gpt-5', messages],
  [undefined, 'amazon-bedrock', 'claude', { modelId: 'claude', messages, inferenceConfig: { maxTokens: 5 } }],
  // Gemini's interactions: a cap as of OpenAI's responses would not be one.
  [undefined, 'google', 'gemini-3.5-flash', { input: 'Hello' }],
  [undefined, '', 'gemini-3.5-flash', { input: [{ type: 'text', text: 'Hello' }] }],
  [undefined, 'acme', 'acme-1', { input: 'Hello', generation_config: { max_output_tokens: 5 } }],
  [undefined, 'acme', 'acme-1', { input: 'Hello', previous_interaction_id: 'int_1' }],
  ['openai-embeddings', 'google', 'gemini-embedding-001', { input: 'Hello' }],
  ['openai-responses', 'openrouter', 'google/gemini-3.5-flash', { input: 'Hello' }],
  [undefined, 'openai', 'gpt-image-2', { prompt: 'A cat', size: '1024x1024' }],
  [undefined, 'openai', 'gpt-4o-mini-tts', { input: 'Hello', voice: 'alloy' }],
  [undefined, 'acme', 'speaker', { input: 'Hello', voice: 'alloy' }],
  [undefined, 'openai', 'omni-moderation-latest', { input: 'Hello' }],
  [undefined, 'cohere', 'rerank', { query: 'Hello', documents: [] }],
  [undefined, 'acme', 'x', { messages: 'Hello' }],
  [undefined, 'acme', 'x', null],
  [undefined, 'acme', 'x', 42],
]

describe('dialectOf', () => {
  test.each(requests)('finds %s of %s, %s: %j', (dialect, provider, model, request) => {
    expect(dialectOf(provider, model, request)).toBe(dialect)
  })
})
