import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { formatUsd, usd } from 'holdfast'
import { beforeAll, describe, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const [CAP, USEFUL] = [4_000, 256]
const [NANO_PER_INPUT_TOKEN, NANO_PER_OUTPUT_TOKEN] = [400, 1_600]

describe('a cent a day', () => {
  let output: string
  /** Of each request that reached the provider: its tokens of input and output, and its cap. */
  let requests: readonly (readonly [input: number, output: number, cap: number])[]

  beforeAll(() => {
    output = execFileSync(process.execPath, ['--conditions=@holdfast/source', MAIN], { encoding: 'utf8' })
    const lines = output.matchAll(/^provider: (\d+) tokens in, (\d+) out of at most (\d+)$/gm)
    requests = Array.from(lines, (line) => [Number(line[1]), Number(line[2]), Number(line[3])])
  })

  it('buys one answer in full, and one that is as long as there is money for', () => {
    expect(requests).toHaveLength(2)
    expect(requests[0]?.[2]).toBe(CAP)
    expect(requests[1]?.[2]).toBeGreaterThanOrEqual(USEFUL)
    expect(requests[1]?.[2]).toBeLessThan(CAP / 2)
  })

  it('is spent to what the provider counted, and never beyond', () => {
    const bills = requests.map(([input, out]) => input * NANO_PER_INPUT_TOKEN + out * NANO_PER_OUTPUT_TOKEN)
    const spent = bills.reduce((sum, bill) => sum + bill, 0)
    expect(spent).toBeLessThanOrEqual(usd('0.01'))
    for (const [index, bill] of bills.entries())
      expect(output).toContain(`run:turn-${index + 1}: ${formatUsd(bill)} spent, $0.00 held`)
    expect(output).toContain(`user:ann    $0.01  ${formatUsd(spent)} spent`)
    expect(output).toContain(`of $0.01, ${formatUsd(spent)} is spent, and up to`)
  })

  it('refuses a third turn with the reason, the time when there is more, and what to do', () => {
    expect(output).toMatch(
      /^A call of gpt-4\.1-mini could break the budget of 'user:ann': .* It was not sent\. To go on, send less, or wait until \S+T2[23]:00:00\.000Z, or raise it with ledger\.scopes\.limit\('user:ann', \(present\) => …\): what that answers replaces all limits that are present, .* \{ budget: usd\(…\) \}\.$/m,
    )
    expect(output).toMatch(/^as an HTTP response: 402$/m)
  })
})
