import { describe, expect, test } from 'vitest'
import type { Dialect } from './dialect.ts'
import { requestTools } from './provider-tools.ts'

const callers: [Dialect, unknown][] = [
  ['openai-chat', { type: 'function', function: { name: 'f' } }],
  ['openai-chat', { type: 'custom', custom: { name: 'c' } }],
  ['openai-responses', { type: 'function', name: 'f', parameters: {} }],
  ['openai-responses', { type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'f' }] }],
  ['anthropic', { name: 'f', input_schema: { type: 'object' } }],
  ['anthropic', { type: 'custom', name: 'f', input_schema: { type: 'object' } }],
  ['gemini', { functionDeclarations: [{ name: 'f' }] }],
  ['gemini', { function_declarations: [{ name: 'f' }], googleSearch: undefined }],
  ['ollama', { type: 'function', function: { name: 'f' } }],
  ['ai-sdk', { type: 'function', name: 'f', inputSchema: {} }],
]

const definedByProvider: [Dialect, unknown][] = [
  ['openai-responses', { type: 'apply_patch' }],
  ['openai-responses', { type: 'local_shell' }],
  ['openai-responses', { type: 'shell', environment: { type: 'local' } }],
  ['openai-responses', { type: 'tool_search', execution: 'client' }],
  ['anthropic', { type: 'bash_20250124', name: 'bash' }],
  ['anthropic', { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' }],
  ['anthropic', { type: 'computer_20251124', name: 'computer' }],
  ['anthropic', { type: 'memory_20250818', name: 'memory' }],
  ['ai-sdk', { type: 'provider', id: 'anthropic.bash_20250124', name: 'bash' }],
  ['ai-sdk', { type: 'provider-defined', id: 'openai.local_shell', name: 'shell' }],
]

const providers: [string, Dialect, unknown][] = [
  ['web_search', 'openai-responses', { type: 'web_search' }],
  ['code_interpreter', 'openai-responses', { type: 'code_interpreter', container: { type: 'auto' } }],
  ['file_search', 'openai-responses', { type: 'file_search', vector_store_ids: ['vs_1'] }],
  ['image_generation', 'openai-responses', { type: 'image_generation' }],
  ['mcp', 'openai-responses', { type: 'mcp', server_url: 'https://x.test' }],
  ['shell', 'openai-responses', { type: 'shell', environment: { type: 'container_auto' } }],
  ['tool_search', 'openai-responses', { type: 'tool_search' }],
  ['mcp', 'openai-responses', { type: 'namespace', tools: [{ type: 'function' }, { type: 'mcp' }] }],
  ['openrouter:web_search', 'openai-chat', { type: 'openrouter:web_search' }],
  ['browser_search', 'openai-chat', { type: 'browser_search' }],
  ['web_search_20250305', 'anthropic', { type: 'web_search_20250305', name: 'web_search' }],
  ['web_fetch_20250910', 'anthropic', { type: 'web_fetch_20250910', name: 'web_fetch' }],
  ['code_execution_20250825', 'anthropic', { type: 'code_execution_20250825', name: 'code_execution' }],
  ['tool_search_tool_bm25_20251119', 'anthropic', { type: 'tool_search_tool_bm25_20251119', name: 'tool_search' }],
  ['mcp_toolset', 'anthropic', { type: 'mcp_toolset', mcp_server_name: 'x' }],
  ['googleSearch', 'gemini', { googleSearch: {} }],
  ['code_execution', 'gemini', { code_execution: {} }],
  ['urlContext', 'gemini', { functionDeclarations: [], urlContext: {} }],
  ['callTool', 'gemini', { callTool: () => undefined }],
  ['openai.web_search', 'ai-sdk', { type: 'provider', id: 'openai.web_search', name: 'web_search' }],
  ['anthropic.web_search_20250305', 'ai-sdk', { type: 'provider-defined', id: 'anthropic.web_search_20250305' }],
  ['google.google_search', 'ai-sdk', { type: 'provider', id: 'google.google_search' }],
]

describe('requestTools', () => {
  test.each(callers)('knows a tool of the caller in %s: %j', (dialect, tool) => {
    expect(requestTools({ tools: [tool] }, dialect)).toEqual({ providers: [], defined: 0, count: 1 })
  })

  test.each(definedByProvider)(
    'knows a tool that the caller runs and the provider defines in %s: %j',
    (dialect, tool) => {
      expect(requestTools({ tools: [tool] }, dialect)).toEqual({ providers: [], defined: 1, count: 1 })
    },
  )

  test.each(providers)('takes %s in %s for the provider’s', (name, dialect, tool) => {
    const own = dialect === 'gemini' ? { functionDeclarations: [] } : { type: 'function', name: 'f', input_schema: {} }
    expect(requestTools({ tools: [own, tool] }, dialect).providers).toEqual([`tools[1]: ${name}`])
  })

  test('takes a tool that nobody knows yet for the provider’s', () => {
    expect(requestTools({ tools: [{ type: 'telepathy' }] }, 'openai-responses').providers).toEqual([
      'tools[0]: telepathy',
    ])
  })

  test('looks where the SDK for Gemini takes them', () => {
    const request = { contents: 'Hi', config: { tools: [{ googleMaps: {} }] } }
    expect(requestTools(request, 'gemini').providers).toEqual(['config.tools[0]: googleMaps'])
  })

  test('finds none where there are none', () => {
    const none = { providers: [], defined: 0, count: 0 }
    for (const request of [{}, { tools: null }, { tools: [] }, 'text', null]) {
      expect(requestTools(request, 'openai-chat')).toEqual(none)
    }
  })
})
