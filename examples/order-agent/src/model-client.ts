import { OpenAI } from 'openai'
import type { AgentConfig } from './config.ts'

/** OpenAI's own client; whoever is asked hears which process asks. */
export function modelClient({ openai: { apiKey, baseUrl } }: AgentConfig): OpenAI {
  return new OpenAI({ apiKey, baseURL: baseUrl, defaultHeaders: { 'user-agent': `order-agent/${process.pid}` } })
}
