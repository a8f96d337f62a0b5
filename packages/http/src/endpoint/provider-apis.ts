import { anthropic } from './apis/anthropic.ts'
import { anthropicMessages } from './apis/anthropic-messages.ts'
import { azure } from './apis/azure.ts'
import { bedrock } from './apis/bedrock.ts'
import { google } from './apis/google.ts'
import { ollama } from './apis/ollama.ts'
import { openai } from './apis/openai.ts'
import { openaiCompatible } from './apis/openai-compatible.ts'
import { OTHERS } from './apis/others.ts'
import type { EndpointTable } from './endpoint-table.ts'

// Anthropic's paths are the longer ones: `/messages/batches` is none of OpenAI's batches.
const COMPATIBLE: readonly EndpointTable[] = [anthropicMessages, openaiCompatible]

// The names that SDKs and frameworks give to providers begin like this.
const SERVED: readonly (readonly [RegExp, readonly EndpointTable[]])[] = [
  [/^openai$/, [openai, ...COMPATIBLE]],
  [/^azure/, [azure, openai, ...COMPATIBLE]],
  [/^(?:anthropic|claude)/, [anthropic, ...COMPATIBLE]],
  [/^(?:google|gemini|vertex)/, [google, ...COMPATIBLE]],
  [/^(?:aws|amazon|bedrock)/, [bedrock, ...COMPATIBLE]],
  [/^ollama/, [ollama, ...COMPATIBLE]],
  [/^mistral/, of('mistral')],
  [/^cohere/, of('cohere')],
  [/^perplexity/, of('perplexity')],
  [/^together/, of('together')],
  [/^fireworks/, of('fireworks')],
  [/^(?:x-?ai|grok)/, of('x-ai')],
  [/^voyage/, of('voyageai')],
  [/^open-?router/, of('openrouter')],
  [/^(?:cloudflare|workers-ai)/, of('cloudflare')],
  [/^(?:vercel|gateway|ai-gateway)/, of('vercel')],
]

function of(name: string): readonly EndpointTable[] {
  const own = OTHERS[name]
  return own === undefined ? COMPATIBLE : [own, ...COMPATIBLE]
}

/** What a provider serves, the API of its own first; of one that we do not know, what many serve. */
export function apisOf(provider: string): readonly EndpointTable[] {
  const [first = ''] = provider.trim().toLowerCase().split('.')
  const name = first.replaceAll('_', '-')
  return SERVED.find(([pattern]) => pattern.test(name))?.[1] ?? COMPATIBLE
}
