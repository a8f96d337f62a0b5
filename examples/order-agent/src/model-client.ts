import { OpenAI } from '@holdfast/openai'
import type { AgentConfig } from './config.ts'

/** OpenAI's client, guarded by the default ledger; whoever is asked hears which process asks. */
export function modelClient({ openai: { apiKey, baseUrl } }: AgentConfig): OpenAI {
  return new OpenAI({ apiKey, baseURL: baseUrl, defaultHeaders: { 'user-agent': `order-agent/${process.pid}` } })
}
