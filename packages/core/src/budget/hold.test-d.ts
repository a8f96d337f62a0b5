import { test } from 'vitest'
import { usd } from '../usd.ts'
import type { Hold } from './hold.ts'
import type { HoldEstimate } from './hold-estimate.ts'

declare const hold: Hold
declare function reserve(estimate: HoldEstimate): void

interface ProviderUsage {
  prompt_tokens: number
  completion_tokens: number
}
declare const answer: { readonly id: string; readonly usage?: ProviderUsage | null }
declare const usage: ProviderUsage
declare const response: Response

test('a hold is settled by counts, by what a provider says, or by an amount', () => {
  hold.settle({ input: 950, output: 500 })
  hold.settle(usage)
  hold.settle(answer)
  hold.settle({ usage, model: 'gpt-5' })
  hold.settle({ ...usage, service_tier: 'flex' })
  hold.settle(response)
  hold.settle({ usd: usd('0.05') })
})

test('a plain number is no amount', () => {
  // @ts-expect-error: two what? Write usd(2)
  hold.settle({ usd: 2 })
  const two = { usd: 2 }
  // @ts-expect-error: nor by another name
  hold.settle(two)
  // @ts-expect-error: nothing was told
  hold.settle(undefined)
  reserve({ model: 'gpt-5', usd: usd(2) })
  // @ts-expect-error: two what? Write usd(2)
  reserve({ model: 'gpt-5', usd: 2 })
})
