import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Seeded } from '../../../crash/support/seeded.ts'
import { costNano } from './spending-job.ts'

/** One request that arrived, and what its sender owes for it from then on. */
export interface Bill {
  readonly model: string
  /** Whose request it was. */
  readonly worker: number
  readonly nano: number
}

interface Request {
  readonly model: string
  readonly max_tokens: number
  readonly messages: readonly { readonly content: string }[]
}

/** A provider that bills every request when it arrives, whether or not anybody is left to hear the answer. */
export class FakeProvider implements AsyncDisposable {
  readonly bills: Bill[] = []
  readonly url: string
  readonly #server: Server
  #onBill: (count: number, bill: Bill) => void = () => {}
  #gate: Promise<void> | undefined

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** How much of each call's cap it uses is random, and never more than that. */
  static async start(seed: number): Promise<FakeProvider> {
    const random = new Seeded(seed)
    const server = createServer((incoming, response) => {
      void incoming.toArray().then(async (chunks) => {
        const answer = provider.#answer(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Request, random)
        await provider.#gate
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const provider = new FakeProvider(server)
    return provider
  }

  get nano(): number {
    return this.bills.reduce((sum, { nano }) => sum + nano, 0)
  }

  /** Calls back with each bill, and how many there are. */
  onBill(listener: (count: number, bill: Bill) => void): void {
    this.#onBill = listener
  }

  /** Keeps all answers back from now on; returns what lets them go. */
  keepAnswers(): () => void {
    let open = () => {}
    this.#gate = new Promise((resolve) => {
      open = resolve
    })
    return () => open()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer({ model, max_tokens: cap, messages }: Request, random: Seeded): object {
    const usage = {
      prompt_tokens: 1 + (messages[0]?.content.length ?? 0),
      completion_tokens: random.below(cap + 1),
    }
    const bill = { model, worker: Number(model.split('-')[1]), nano: costNano(usage) }
    this.bills.push(bill)
    this.#onBill(this.bills.length, bill)
    const total = usage.prompt_tokens + usage.completion_tokens
    return {
      id: `call-${this.bills.length}`,
      object: 'chat.completion',
      model,
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'yes' } }],
      usage: { ...usage, total_tokens: total },
    }
  }
}
