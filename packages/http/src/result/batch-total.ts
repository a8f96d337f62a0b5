import { readUsage, type TokenUsage, type UsageReading } from 'holdfast'

const BATCH_TIER = 'batch'

interface ResultLine {
  readonly result?: { readonly type?: unknown; readonly message?: unknown } | null
}

/** What the requests of an Anthropic batch used together; those that failed, expired or were canceled are not billed. */
export class BatchTotal {
  readonly #provider: string
  readonly #models = new Map<string, UsageReading>()
  #isWhole = true

  constructor(provider: string) {
    this.#provider = provider
  }

  add(line: string): void {
    const { result } = parsed(line)
    if (result === undefined || result === null) this.#isWhole = false
    if (result?.type !== 'succeeded') return
    const reading = readUsage(result.message, { provider: this.#provider })
    if (reading === undefined) this.#isWhole = false
    else for (const one of [reading, ...reading.others]) this.#count(one)
  }

  /** Undefined where one of them does not tell: what it used would be missing. */
  reading(): UsageReading | undefined {
    if (!this.#isWhole) return undefined
    const [first, ...others] = this.#models.values()
    return first === undefined ? NOTHING : { ...first, others }
  }

  #count(reading: UsageReading): void {
    const { model = '', region = '' } = reading
    const name = `${model} ${region}`
    const sum = this.#models.get(name)
    const usage = sum === undefined ? reading.usage : added(sum.usage, reading.usage)
    const complete = reading.complete && sum?.complete !== false
    this.#models.set(name, { ...reading, usage, complete, serviceTier: BATCH_TIER, others: [] })
  }
}

const NOTHING: UsageReading = { usage: { input: 0, output: 0 }, complete: true, others: [] }

function added(one: TokenUsage, other: TokenUsage): TokenUsage {
  const sum: Record<string, number> = { ...one }
  for (const [unit, count] of Object.entries(other)) sum[unit] = (sum[unit] ?? 0) + count
  return sum as TokenUsage
}

function parsed(line: string): ResultLine {
  try {
    return (JSON.parse(line) as ResultLine | null) ?? {}
  } catch {
    return {}
  }
}
