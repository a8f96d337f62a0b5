import { fieldsOf } from '../usage/fields.ts'
import type { Fields } from '../usage/usage-reading.ts'

/** Models that think unless they are told not to. */
const THINKS =
  /(?:^|\/)(?:o\d|gpt-5|gpt-[6-9]|gpt-oss|deepseek-r|deepseek-reasoner|qwq|grok-[4-9]|gemini-(?:2\.5|[3-9])|magistral)|thinking|reasoning/
const ANSWERS_AT_ONCE = /-chat-latest|non-reasoning|flash-lite|-image/

/** Whether part of the output is probably thinking: by what the request says of it, else by the model's name. */
export function isReasoning(request: unknown, model: string): boolean {
  const fields = fieldsOf(request)
  const told = [fields, ...providerSettings(fields)].map(thinkingOf).find((answer) => answer !== undefined)
  return told ?? (THINKS.test(model) && !ANSWERS_AT_ONCE.test(model))
}

function thinkingOf(fields: Fields): boolean | undefined {
  const config = fieldsOf(fields.thinkingConfig ?? fields.thinking_config)
  const budget = config.thinkingBudget ?? config.thinking_budget
  if (budget !== undefined) return budget !== 0
  const switches = [fields.thinking, fields.think, fields.reasoningConfig, fields.enable_thinking, fields.reasoning]
  const efforts = [fields.reasoning_effort, fields.reasoningEffort, fieldsOf(fields.reasoning).effort]
  const said = [...switches, ...efforts].find((value) => value !== undefined && value !== null)
  if (said === undefined || said === 'provider-default') return undefined
  return said !== false && said !== 'none' && fieldsOf(said).type !== 'disabled' && fieldsOf(said).effort !== 'none'
}

/** What is asked for besides text. */
export function outputMedia(request: unknown): readonly ('audio' | 'image')[] {
  const fields = fieldsOf(request)
  const asked = [fields, ...providerSettings(fields)].flatMap(
    ({ modalities, responseModalities, response_modalities }) => {
      const list = modalities ?? responseModalities ?? response_modalities
      return Array.isArray(list) ? list.map((item) => String(item).toLowerCase()) : []
    },
  )
  return (['audio', 'image'] as const).filter((kind) => asked.includes(kind))
}

/** The service tier that is asked for; Anthropic calls its faster one a speed. */
export function serviceTier(request: unknown): string | undefined {
  const fields = fieldsOf(request)
  const told = [fields, ...providerSettings(fields)].flatMap((settings) => {
    return [settings.speed, settings.service_tier, settings.serviceTier].filter((tier) => typeof tier === 'string')
  })
  // The default, which says nothing.
  return told.find((tier) => tier !== 'standard')
}

/** One level down: Gemini's configuration, the AI SDK's options of a provider. */
function providerSettings(fields: Fields): readonly Fields[] {
  const { generationConfig, generation_config, config, providerOptions } = fields
  return [generationConfig, generation_config, config, ...Object.values(fieldsOf(providerOptions))].map(fieldsOf)
}
