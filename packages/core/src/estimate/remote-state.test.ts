import { describe, expect, test } from 'vitest'
import type { Dialect } from './dialect.ts'
import { remoteState } from './remote-state.ts'

const manual = { thinking: { type: 'enabled', budget_tokens: 2_000 } }
const beta = 'interleaved-thinking-2025-05-14'
const kept = { type: 'reasoning', text: '', providerOptions: { openai: { itemId: 'rs_1' } } }
const sent = {
  type: 'reasoning',
  text: '',
  providerOptions: { openai: { itemId: 'rs_1', reasoningEncryptedContent: 'gAAA' } },
}

function left(
  request: unknown,
  dialect: Dialect,
  { model = 'gpt-5', provider = 'acme', tools = 0, betas = [] as string[] } = {},
) {
  return remoteState({ provider, model, request, betas }, dialect, tools)
}

const leaves: [string, Dialect, unknown][] = [
  ['previous_response_id', 'openai-responses', { previous_response_id: 'resp_1' }],
  ['conversation', 'openai-responses', { conversation: { id: 'conv_1' } }],
  ['prompt', 'openai-responses', { prompt: { id: 'pmpt_1' } }],
  ['agent_id', 'openai-chat', { agent_id: 'ag_1', messages: [] }],
  [
    'context_management',
    'openai-responses',
    { context_management: [{ type: 'compaction', compact_threshold: 1_000 }] },
  ],
  [
    'input[1]: item_reference by id',
    'openai-responses',
    { input: [{ role: 'user' }, { type: 'item_reference', id: 'msg_1' }] },
  ],
  ['input[0]: reasoning by id', 'openai-responses', { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }],
  ['web_search_options', 'openai-chat', { web_search_options: {} }],
  ['prediction', 'openai-chat', { prediction: { type: 'content', content: 'x' } }],
  ['plugins', 'openai-chat', { plugins: [{ id: 'web' }] }],
  ['models', 'openai-chat', { models: ['a', 'b'] }],
  ['search_parameters', 'openai-chat', { search_parameters: { mode: 'auto' } }],
  ['data_sources', 'openai-chat', { data_sources: [{ type: 'azure_search' }] }],
  ['container', 'anthropic', { container: 'container_1' }],
  ['mcp_servers', 'anthropic', { mcp_servers: [{ url: 'https://x.test' }] }],
  ['thread', 'anthropic', { thread: { id: 'thread_1' } }],
  ['context_management', 'anthropic', { context_management: { edits: [{ type: 'compact_20260112' }] } }],
  ['cachedContent', 'gemini', { cachedContent: 'cachedContents/1' }],
  ['config.cachedContent', 'gemini', { config: { cachedContent: 'cachedContents/1' } }],
  ['providerOptions.openai.previousResponseId', 'ai-sdk', { providerOptions: { openai: { previousResponseId: 'r' } } }],
  ['providerOptions.google.cachedContent', 'ai-sdk', { providerOptions: { google: { cachedContent: 'c' } } }],
  [
    'providerOptions.xai.searchParameters',
    'ai-sdk',
    { providerOptions: { xai: { searchParameters: { mode: 'on' } } } },
  ],
  ['providerOptions.anthropic.mcpServers', 'ai-sdk', { providerOptions: { anthropic: { mcpServers: [{}] } } }],
  ['prompt[0]: reasoning by id', 'ai-sdk', { prompt: [{ role: 'assistant', content: [kept] }] }],
]

const leavesNothing: [Dialect, unknown][] = [
  ['openai-responses', { previous_response_id: null, conversation: null, input: 'Hi' }],
  ['openai-responses', { input: [{ type: 'reasoning', id: 'rs_1', encrypted_content: 'gAAA', summary: [] }] }],
  ['openai-chat', { search_parameters: { mode: 'off' }, plugins: [], models: [], enable_search: false }],
  ['anthropic', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] }, mcp_servers: [] }],
  ['anthropic', manual],
  [
    'ai-sdk',
    {
      prompt: [
        { role: 'assistant', content: [sent] },
        { role: 'user', content: 'Hi' },
      ],
      models: ['not one of its options'],
    },
  ],
  ['plain', 'Hi'],
]

describe('remoteState', () => {
  test.each(leaves)('finds %s in %s', (expected, dialect, request) => {
    expect(left(request, dialect)).toEqual([expected])
  })

  test.each(leavesNothing)('finds nothing in %s: %j', (dialect, request) => {
    expect(left(request, dialect, { tools: 1 })).toEqual([])
  })

  test.each([
    'groq/compound',
    'compound-beta',
    'sonar-pro',
    'perplexity/sonar',
    'gpt-4o-search-preview',
    'gpt-5-search-api',
    'o3-deep-research',
    'openai/gpt-5:online',
  ])('knows that %s searches by itself', (model) => {
    expect(left({ messages: [] }, 'openai-chat', { model })).toEqual([`model: ${model}`])
  })

  test('knows that thinking between tools has no cap, wherever it is switched on', () => {
    const found = ['thinking.budget_tokens: interleaved thinking']
    expect(left(manual, 'anthropic', { tools: 1, betas: [beta] })).toEqual(found)
    expect(left({ ...manual, betas: [beta] }, 'anthropic', { tools: 1 })).toEqual(found)
    const options = { providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2_000 } } } }
    expect(left({ ...options, headers: { 'Anthropic-Beta': `a,${beta}` } }, 'ai-sdk', { tools: 1 })).toEqual(found)
    expect(left(manual, 'anthropic', { tools: 0, betas: [beta] })).toEqual([])
    expect(left({ thinking: { type: 'adaptive' } }, 'anthropic', { tools: 1, betas: [beta] })).toEqual([])
  })

  test('does not know what budget the AI SDK adds for a level of reasoning, where it does', () => {
    const request = { prompt: [], reasoning: 'high' }
    expect(left(request, 'ai-sdk', { provider: 'anthropic.messages', model: 'claude-haiku-4-5' })).toEqual([
      'reasoning',
    ])
    expect(left(request, 'ai-sdk', { provider: 'amazon-bedrock', model: 'us.anthropic.claude' })).toEqual(['reasoning'])
    expect(left(request, 'ai-sdk', { provider: 'openai.responses', model: 'gpt-5' })).toEqual([])
    expect(left({ ...request, reasoning: 'none' }, 'ai-sdk', { provider: 'anthropic.messages' })).toEqual([])
  })
})
