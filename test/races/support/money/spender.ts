// A process that spends: many model calls at once, each of its own size, on scopes that it shares with others.
import { BudgetExceededError, createLedger, type Run, RunHaltedError, sqlite } from 'holdfast'
import { Seeded } from '../../../crash/support/seeded.ts'
import { PRICE, type SpendingJob, type SpendingWord, type Spent } from './spending-job.ts'

const job = JSON.parse(process.argv[2] as string) as SpendingJob
const random = new Seeded(job.seed * 1_000 + job.worker)

function tell(word: SpendingWord): void {
  process.send?.(word)
}

const go = new Promise<void>((resolve) => process.once('message', () => resolve()))

async function spend(): Promise<Spent> {
  const ledger = createLedger({ store: sqlite(job.path), durability: 'fast', leaseMs: job.leaseMs })
  const outcomes: PromiseSettledResult<unknown>[] = []
  try {
    await ledger.run({ id: `worker-${job.worker}`, scopes: job.scopes }, async (run) => {
      outcomes.push(...(await Promise.allSettled(requests().map((request) => call(run, request)))))
    })
  } catch (error) {
    if (!isRefusal(error)) throw error
  } finally {
    await ledger.close()
  }
  return countOf(outcomes)
}

interface Request {
  readonly model: string
  readonly max_tokens: number
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

function requests(): readonly Request[] {
  return Array.from({ length: job.calls }, (_, index) => ({
    model: `fake-${job.worker}-${index}`,
    max_tokens: job.maxTokens ?? 256 + random.below(4_000),
    messages: [{ role: 'user', content: job.maxTokens === undefined ? 'x'.repeat(random.below(500)) : 'go' }],
  }))
}

async function call(run: Run, request: Request): Promise<unknown> {
  const { model } = request
  try {
    return await run.call({ provider: 'fake', model, request, price: PRICE }, (sent) => ask(sent.request, sent.signal))
  } catch (error) {
    if (isRefusal(error)) tell({ kind: 'refused' })
    throw error
  }
}

async function ask(body: unknown, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(job.providerUrl, { method: 'POST', body: JSON.stringify(body), signal })
  return answer.json()
}

function isRefusal(error: unknown): boolean {
  return BudgetExceededError.find(error) !== undefined || RunHaltedError.find(error) !== undefined
}

function countOf(outcomes: readonly PromiseSettledResult<unknown>[]): Spent {
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  const errors = reasons.filter((reason) => !isRefusal(reason)).map(String)
  return { answered: outcomes.length - reasons.length, refused: reasons.length - errors.length, errors }
}

process.on('disconnect', () => process.exit(1))
tell({ kind: 'ready' })
await go
tell({ kind: 'spent', ...(await spend()) })
process.disconnect()
