import { fieldsOf, isFields, itemsOf } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'
import type { Dialect } from './dialect.ts'
import type { RequestToEstimate } from './estimate.ts'

/** What goes in, or may run, without standing in the request; in the providers' and in the AI SDK's spelling. */
const REMOTE = [
  // Kept by the provider: earlier turns, prompts, agents, files.
  ...['previous_response_id', 'previousResponseId', 'conversation', 'thread', 'container', 'preset'],
  ...['agent', 'agent_id', 'agentId', 'assistant_id', 'conversation_id', 'previous_interaction_id'],
  ...['cachedContent', 'cached_content', 'data_sources', 'dataSources'],
  // Fetched or run by the provider while it answers.
  ...['web_search_options', 'webSearchOptions', 'search_parameters', 'searchParameters'],
  ...['enable_search', 'enableSearch'],
  ...['mcp_servers', 'mcpServers', 'plugins'],
  // Another model may answer, at another price.
  'models',
  // Rejected tokens of a prediction are billed beyond every cap.
  'prediction',
] as const
const COMPACTS = /compact/
const SEARCHES = /(?:^|\/)(?:sonar|compound)|search-preview|search-api|deep-research|:online$/

type Settings = readonly (readonly [path: string, fields: Fields])[]

/** What a request leaves to its provider, such as `previous_response_id`; empty if all is in the request. */
export function remoteState(asked: RequestToEstimate, dialect: Dialect | undefined, toolCount: number): string[] {
  const { request, model } = asked
  const found: string[] = SEARCHES.test(model) ? [`model: ${model}`] : []
  if (!isFields(request)) return found
  const settings = settingsOf(request, dialect)
  for (const [path, fields] of settings) found.push(...remoteMembers(path, fields))
  if (dialect === 'openai-responses') found.push(...keptItems(request))
  if (dialect === 'ai-sdk') found.push(...keptReasoning(request))
  if (toolCount > 0 && thinksBetweenTools(asked, settings)) found.push('thinking.budget_tokens: interleaved thinking')
  if (dialect === 'ai-sdk' && budgetIsUnknown(asked, request)) found.push('reasoning')
  return found
}

/** Where a request has its settings: itself, Gemini's `config`, the AI SDK's options of a provider. */
function settingsOf(request: Fields, dialect: Dialect | undefined): Settings {
  const own: Settings = [['', request]]
  if (dialect === 'gemini') return [...own, ['config.', fieldsOf(request.config)]]
  if (dialect !== 'ai-sdk') return own
  const options = Object.entries(fieldsOf(request.providerOptions))
  return options.map(([provider, fields]) => [`providerOptions.${provider}.`, fieldsOf(fields)])
}

function remoteMembers(path: string, fields: Fields): string[] {
  const found: string[] = REMOTE.filter((name) => isSet(fields[name]))
  if (isFields(fields.prompt)) found.push('prompt')
  const management = fields.context_management ?? fields.contextManagement
  // The provider writes a summary first, which is a call of its own.
  if (isSet(management) && COMPACTS.test(JSON.stringify(management))) found.push('context_management')
  return found.map((name) => `${path}${name}`)
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return fieldsOf(value).mode !== 'off'
}

/** Items of which the provider keeps the content: they name it. */
function keptItems(request: Fields): string[] {
  const items = itemsOf(request.input)
  const kept = items.find(({ type, id, encrypted_content: content }) => {
    return type === 'item_reference' || (type === 'reasoning' && typeof id === 'string' && !isSet(content))
  })
  return kept ? [`input[${(request.input as unknown[]).indexOf(kept)}]: ${kept.type} by id`] : []
}

/** The AI SDK sends no more than the name of a thought that OpenAI keeps. */
function keptReasoning({ prompt }: Fields): string[] {
  const messages = Array.isArray(prompt) ? prompt : []
  const index = messages.findIndex((message) => itemsOf(fieldsOf(message).content).some(isKeptReasoning))
  return index === -1 ? [] : [`prompt[${index}]: reasoning by id`]
}

function isKeptReasoning({ type, providerOptions }: Fields): boolean {
  if (type !== 'reasoning' || !isFields(providerOptions)) return false
  return Object.values(providerOptions).some((options) => {
    const { itemId, reasoningEncryptedContent } = fieldsOf(options)
    return isSet(itemId) && !isSet(reasoningEncryptedContent)
  })
}

/** Then the thinking between all tools together, and not the output, is what `budget_tokens` is about: nothing caps it. */
function thinksBetweenTools({ betas = [], request }: RequestToEstimate, settings: Settings): boolean {
  const { betas: own, headers } = fieldsOf(request)
  const inHeaders = Object.entries(fieldsOf(headers)).filter(([name]) => name.toLowerCase() === 'anthropic-beta')
  const switchedOn = [betas, own ?? [], inHeaders].flat(2).map(String)
  if (!switchedOn.some((beta) => beta.includes('interleaved-thinking'))) return false
  return settings.some(([, options]) => fieldsOf(options.thinking).type === 'enabled')
}

/** The AI SDK makes a budget for thinking of it, by a table of its own, and adds that to the cap. */
function budgetIsUnknown({ provider, model }: RequestToEstimate, { reasoning }: Fields): boolean {
  if (typeof reasoning !== 'string' || reasoning === 'none' || reasoning === 'provider-default') return false
  return /anthropic|bedrock|claude/i.test(`${provider} ${model}`)
}
