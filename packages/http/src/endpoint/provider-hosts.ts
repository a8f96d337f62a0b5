import type { Address } from './address.ts'

/** Whose API a host serves, as prices know them. */
const HOSTS: Readonly<Record<string, string>> = {
  'api.openai.com': 'openai',
  'api.anthropic.com': 'anthropic',
  'generativelanguage.googleapis.com': 'google',
  'openrouter.ai': 'openrouter',
  'api.groq.com': 'groq',
  'api.deepseek.com': 'deepseek',
  'api.mistral.ai': 'mistral',
  'codestral.mistral.ai': 'mistral',
  'api.x.ai': 'x-ai',
  'api.together.xyz': 'together',
  'api.together.ai': 'together',
  'api.fireworks.ai': 'fireworks',
  'api.cerebras.ai': 'cerebras',
  'api.perplexity.ai': 'perplexity',
  'api.cohere.com': 'cohere',
  'api.cohere.ai': 'cohere',
  'api.voyageai.com': 'voyageai',
  'api.moonshot.ai': 'moonshotai',
  'api.moonshot.cn': 'moonshotai',
  'api.z.ai': 'zai',
  'open.bigmodel.cn': 'zhipuai',
  'api.githubcopilot.com': 'github-copilot',
  'api.minimax.io': 'minimax',
  'api.minimaxi.com': 'minimax',
  'api.novita.ai': 'novita',
  'inference.baseten.co': 'baseten',
  'api.avian.io': 'avian',
  'api.arcee.ai': 'arcee',
  'oai.endpoints.kepler.ai.cloud.ovh.net': 'ovhcloud',
  'api.cloudflare.com': 'cloudflare',
  'ollama.com': 'ollama',
  'ai-gateway.vercel.sh': 'vercel',
  'ai-gateway.helicone.ai': 'helicone',
  'oai.helicone.ai': 'openai',
  'anthropic.helicone.ai': 'anthropic',
  'api.portkey.ai': 'portkey',
}

const HOSTS_ALIKE: readonly (readonly [RegExp, string])[] = [
  [/\.api\.openai\.com$/, 'openai'],
  [
    /\.(?:openai\.azure\.(?:com|us|cn)|(?:cognitiveservices|services\.ai|inference\.ai|models\.ai)\.azure\.(?:com|us))$/,
    'azure',
  ],
  [/\.azure-api\.net$/, 'azure'],
  [/(?:^|[.-])aiplatform\.(?:[a-z0-9-]+\.rep\.)?googleapis\.com$/, 'google'],
  [/^bedrock-(?:runtime|mantle)(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/, 'aws'],
  [/^aws-external-anthropic\.[a-z0-9-]+\.api\.aws$/, 'anthropic'],
  [/\.openrouter\.ai$/, 'openrouter'],
  [/\.api\.x\.ai$/, 'x-ai'],
  [/\.fireworks\.ai$/, 'fireworks'],
  [/\.githubcopilot\.com$/, 'github-copilot'],
  [/:11434$/, 'ollama'],
]

/** Only who may call is told there. */
const SIGN_IN =
  /^(?:(?:mtls\.)?auth\.openai\.com|(?:oauth2|sts|iamcredentials)\.googleapis\.com|login\.microsoftonline\.com)$/

/** As Cloudflare's gateway calls them in its paths. */
const BEHIND_CLOUDFLARE: Readonly<Record<string, string>> = {
  'google-ai-studio': 'google',
  'google-vertex-ai': 'google',
  'azure-openai': 'azure',
  'aws-bedrock': 'aws',
  'perplexity-ai': 'perplexity',
  grok: 'x-ai',
  compat: 'gateway',
  'workers-ai': 'cloudflare',
}

/** Who serves an address, by its host, or in the path of a host that passes on what others serve. */
export function providerAt({ host, path }: Address): string | undefined {
  if (host === 'gateway.ai.cloudflare.com') return behindCloudflare(path)
  if (host === 'router.huggingface.co') return behindHuggingFace(path)
  return HOSTS[host] ?? HOSTS_ALIKE.find(([pattern]) => pattern.test(host))?.[1]
}

/** Whether nothing is served there but tokens to call with. */
export function isSignIn({ host }: Address): boolean {
  return SIGN_IN.test(host)
}

/** `/v1/{account}/{gateway}/{provider}/…` */
function behindCloudflare([, , , name]: readonly string[]): string | undefined {
  return name && (BEHIND_CLOUDFLARE[name] ?? name)
}

/** `/{provider}/v1/…`, or `/v1/…` where it chooses one. */
function behindHuggingFace([name]: readonly string[]): string {
  return name === undefined || name === 'v1' ? 'huggingface' : `huggingface_${name}`
}
