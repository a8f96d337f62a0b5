import { withStreamUsage } from '../request/stream-usage.ts'
import type { ExchangeRequest } from './exchange.ts'

const MAX_REMEMBERED = 1_000

/** Origins that refuse `stream_options`; one that is forgotten refuses it again. */
const refusing = new Set<string>()

/** What is sent so that a stream tells its usage; undefined where it does anyway, or must not be asked. */
export function askingForUsage({ options, endpoint, url, body }: ExchangeRequest, text: string): string | undefined {
  if (options.streamUsage === false || endpoint.kind !== 'metered') return undefined
  if (endpoint.shape !== 'openai-chat' && endpoint.shape !== 'openai-completions') return undefined
  const asking = withStreamUsage(text, body)
  return asking === undefined || refusing.has(originOf(url)) ? undefined : asking
}

/** It is not asked any more, by anything in this process. */
export function rememberRefusal(url: string): void {
  if (refusing.size >= MAX_REMEMBERED) refusing.clear()
  refusing.add(originOf(url))
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}
