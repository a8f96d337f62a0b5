/** Names that SDKs, frameworks and people give to providers, and what price tables call them. */
const ALIASES: Readonly<Record<string, string>> = {
  xai: 'x-ai',
  grok: 'x-ai',
  'azure-openai': 'azure',
  'azure-ai': 'azure',
  'azure-foundry': 'azure',
  gemini: 'google',
  'google-genai': 'google',
  'google-generative-ai': 'google',
  'google-gemini': 'google',
  'google-vertex': 'google',
  'google-vertexai': 'google',
  'google-vertex-ai': 'google',
  vertex: 'google',
  vertexai: 'google',
  'vertex-ai': 'google',
  'amazon-bedrock': 'aws',
  amazon: 'aws',
  bedrock: 'aws',
  'bedrock-converse': 'aws',
  'aws-bedrock': 'aws',
  mistralai: 'mistral',
  'mistral-ai': 'mistral',
  togetherai: 'together',
  'together-ai': 'together',
  fireworksai: 'fireworks',
  'fireworks-ai': 'fireworks',
  moonshot: 'moonshotai',
  'moonshot-ai': 'moonshotai',
  'z-ai': 'zai',
  zhipu: 'zhipuai',
  copilot: 'github-copilot',
  voyage: 'voyageai',
  'voyage-ai': 'voyageai',
  'workers-ai': 'cloudflare',
  'open-router': 'openrouter',
  'claude-platform': 'anthropic',
}

/** They pass on what others serve, at the others' prices, as `vendor/model`. */
const GATEWAYS: ReadonlySet<string> = new Set(['gateway', 'ai-gateway', 'vercel', 'litellm', 'helicone', 'portkey'])

/** Whose models some providers serve under the same names and at the same prices, where they list none of their own. */
const SERVES: Readonly<Record<string, readonly string[]>> = {
  azure: ['openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'],
  google: ['anthropic'],
}

/** Whose names are clear enough to be found without a provider. */
export const MAKERS: readonly string[] = [
  'openai',
  'anthropic',
  'google',
  'x-ai',
  'deepseek',
  'mistral',
  'cohere',
  'moonshotai',
]

/** What stands for all providers, or all models of one, in a table of prices. */
export const ANY = '*'

const REGION = /^(?:us|us-gov|eu|apac|ap|au|jp|ca|sa|in|mx|global)\./
const FINE_TUNED = /^(ft:[^:]+):.*$/

export interface ModelName {
  readonly provider: string
  readonly model: string
}

/** `xai.chat`, `google_vertexai` and `Azure-OpenAI` as price tables call them. */
export function providerId(name: string): string {
  const [first = ''] = name.trim().toLowerCase().split('.')
  const id = first.replaceAll('_', '-')
  return ALIASES[id] ?? id
}

/**
 * Under which names a price may be listed, the most exact first; `renamed` are names of the caller's own. The provider of
 * each is the one whose price it would be.
 */
export function possibleNames(
  provider: string | undefined,
  model: string,
  renamed: ReadonlyMap<string, string>,
): readonly ModelName[] {
  const name = model.trim().toLowerCase()
  if (provider === undefined || provider.trim() === '') return MAKERS.map((maker) => ({ provider: maker, model: name }))
  const id = renamed.get(provider.trim().toLowerCase()) ?? providerId(provider)
  const serving = [id, ...(SERVES[id] ?? [])]
  const own = serving.flatMap((one) => namesAt(one, name).map((variant) => ({ provider: one, model: variant })))
  return GATEWAYS.has(id) ? [...own, ...vendorName(name)] : own
}

/** Who serves it, and so whose service tiers it has: behind a gateway, the vendor. */
export function servingProvider(
  provider: string | undefined,
  found: ModelName,
  renamed: ReadonlyMap<string, string>,
): string {
  if (provider === undefined || provider.trim() === '') return found.provider
  const id = renamed.get(provider.trim().toLowerCase()) ?? providerId(provider)
  return GATEWAYS.has(id) ? found.provider : id
}

function vendorName(name: string): readonly ModelName[] {
  const slash = name.indexOf('/')
  if (slash < 1) return []
  const vendor = providerId(name.slice(0, slash))
  return namesAt(vendor, name.slice(slash + 1)).map((model) => ({ provider: vendor, model }))
}

/** The name, and without what a provider puts before or after the model's own. */
function namesAt(provider: string, name: string): readonly string[] {
  if (provider === 'google') return [name, name.replace(/^.*\bmodels\//, '')]
  if (provider === 'openai') return [name, name.replace(FINE_TUNED, '$1')]
  if (provider !== 'aws') return [name]
  const bare = name.replace(/^arn:.*\//, '')
  const global = bare.replace(REGION, '')
  return [bare, global, global.replace(/^[a-z0-9-]+\./, '')]
}
