import { createLedger, sqlite } from 'holdfast'
import type { Measured } from './bench.ts'
import { cpuOf } from './cpu.ts'
import { mediansOf } from './rounds.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { NOWHERE, streaming, type WireClient, type WireSdk } from './wire-sdk.ts'

const ROUNDS = 21
const WORDS = 5_000

/** The CPU of a chunk of a stream, through the guarded client and through the bare one. */
export async function measureSse(sdk: WireSdk): Promise<Measured> {
  using folder = new ScratchFolder()
  await using ledger = createLedger({ store: sqlite(folder.file('ours.db')), durability: 'fast' })
  const events = sdk.events(WORDS)
  const options = { baseURL: NOWHERE, fetch: streaming(events) }
  const read = (client: WireClient) => () => cpuOf(events.length, () => readAll(client, sdk))
  const { ours, bare } = await mediansOf(ROUNDS, {
    ours: read(sdk.guarded(options, ledger)),
    bare: read(sdk.bare(options)),
  })
  return { ours, reference: bare, value: ours / bare, counts: { rounds: ROUNDS, chunks: events.length } }
}

async function readAll(client: WireClient, sdk: WireSdk): Promise<void> {
  const request = sdk.request([{ role: 'user', content: 'Say many words.' }])
  for await (const _ of await client.stream(request));
}
