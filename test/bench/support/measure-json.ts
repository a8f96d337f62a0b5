import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createLedger, type Ledger, sqlite } from 'holdfast'
import type { Measured } from './bench.ts'
import { cpuOf } from './cpu.ts'
import { textOf } from './requests.ts'
import { type Contender, mediansOf, timed } from './rounds.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { answering, NOWHERE, type Request, type WireClient, type WireSdk } from './wire-sdk.ts'

const ROUNDS = 15
const WARM_UP = 10
const REQUESTS = { small: 200, large: 30, loopback: 150 }
/** Microseconds of CPU: for a small request, and above the hash of a large one. */
const ALLOWED = { small: 20, large: 60, loopback: 1.5 }

/**
 * What a guarded client costs beside the bare one, with the ledger's own work subtracted; the value is the part that is
 * used of what is allowed, of whichever uses most.
 */
export async function measureJson(sdk: WireSdk): Promise<Measured> {
  using folder = new ScratchFolder()
  await using ledger = createLedger({ store: sqlite(folder.file('ours.db')), durability: 'fast' })
  const small = await measureCpu(sdk, ledger, requestOf(sdk, 1, 300), REQUESTS.small)
  const large = await measureCpu(sdk, ledger, requestOf(sdk, 99, 2_000), REQUESTS.large)
  const loopback = await measureLoopback(sdk, ledger)
  const used = [small.own / ALLOWED.small, (large.own - large.hash) / ALLOWED.large, loopback / ALLOWED.loopback]
  return {
    ours: small.guarded,
    reference: small.bare,
    value: Math.max(...used),
    counts: {
      ...{ bytes: small.bytes, own: small.own, ledger: small.ledger },
      ...{ largeBytes: large.bytes, largeOwn: large.own, largeHash: large.hash, largeLedger: large.ledger },
      ...{ largeGuarded: large.guarded, largeBare: large.bare, loopback },
    },
  }
}

function requestOf(sdk: WireSdk, messages: number, length: number): Request {
  const list = Array.from({ length: messages }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: textOf(index, length),
  }))
  return sdk.request(list)
}

interface Cpu {
  readonly guarded: number
  readonly bare: number
  readonly ledger: number
  readonly hash: number
  /** What is left of the guarded client's without the others. */
  readonly own: number
  readonly bytes: number
}

async function measureCpu(sdk: WireSdk, ledger: Ledger, request: Request, requests: number): Promise<Cpu> {
  const options = { baseURL: NOWHERE, fetch: answering(sdk.answer) }
  const [bare, guarded] = [sdk.bare(options), sdk.guarded(options, ledger)]
  const bytes = Buffer.from(JSON.stringify(request))
  const cpu = async (work: () => unknown) => {
    // After a collection, V8 has to compile again.
    await times(WARM_UP, work)
    return cpuOf(requests, () => times(requests, work))
  }
  const medians = await mediansOf(ROUNDS, {
    guarded: within(ledger, 'guarded', () => cpu(() => guarded.ask(request))),
    bare: within(ledger, 'bare', () => cpu(() => bare.ask(request))),
    ledger: within(ledger, 'ledger', () => cpu(() => paidAlone(ledger, sdk, request))),
    hash: () => cpu(() => hash('sha256', bytes)),
  })
  const own = medians.guarded - medians.bare - medians.ledger
  return { ...medians, own, bytes: bytes.length }
}

let runs = 0

/** In a run of its own, whose making does not count. */
function within(ledger: Ledger, name: string, work: () => Promise<number>): Contender {
  return () => ledger.run({ id: `${name}-${runs++}` }, work)
}

/** Reserve and settle, for the same request and the same answer, which the ledger keeps. */
function paidAlone(ledger: Ledger, { provider, model, answer }: WireSdk, request: Request): Promise<unknown> {
  const usage = { usage: { input: 100, output: 20 }, complete: true, others: [] }
  const recorded = { status: 200, statusText: '', headers: [], body: answer, encoding: 'utf8', ended: 'complete' }
  const how = { isDeaf: true, body: JSON.stringify(request), seen: () => ({ reading: usage }) }
  return ledger.call({ provider, model, request }, async () => recorded, how)
}

async function times(count: number, work: () => unknown): Promise<void> {
  for (let n = 0; n < count; n++) await work()
}

/** How many times as long a whole request takes over a socket. */
async function measureLoopback(sdk: WireSdk, ledger: Ledger): Promise<number> {
  const worker = new Worker(new URL('./answering-process.ts', import.meta.url), { workerData: sdk.answer })
  const [baseURL] = (await once(worker, 'message')) as [string]
  const request = requestOf(sdk, 1, 300)
  const asked = (client: WireClient) => () =>
    timed(REQUESTS.loopback, () => times(REQUESTS.loopback, () => client.ask(request)))
  const medians = await mediansOf(ROUNDS, {
    guarded: within(ledger, 'socket', asked(sdk.guarded({ baseURL }, ledger))),
    bare: within(ledger, 'bare-socket', asked(sdk.bare({ baseURL }))),
  })
  await worker.terminate()
  return medians.guarded / medians.bare
}
