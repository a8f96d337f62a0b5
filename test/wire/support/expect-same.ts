import { createLedger, type Ledger, memory } from 'holdfast'
import { expect } from 'vitest'
import { bytesSeenOf, seenOf } from './caller-view.ts'
import type { Sdk } from './sdks.ts'
import type { WireCase } from './wire-case.ts'
import { WireServer } from './wire-server.ts'

export const SPLITS = [1, 7, 64, undefined] as const

interface Parts<Client> {
  readonly server: WireServer
  readonly ledger: Ledger
  readonly bare: Client
  readonly guarded: Client
}

/** A server, and two clients of it that differ in what this is all about. */
export async function withBoth<Client>(sdk: Sdk<Client>, work: (parts: Parts<Client>) => Promise<void>): Promise<void> {
  await using server = await WireServer.start()
  await using ledger = createLedger({ store: memory(), limits: {} })
  const [bare, guarded] = [sdk.bare(server.url), sdk.guarded(server.url, ledger)]
  await work({ server, ledger, bare, guarded })
}

/**
 * At every split of the bytes the guarded client gives what the bare one does, read by the SDK and as bytes, and what it
 * settled is what the whole body says. `bareSplits`: those at which the bare client is asked, where it takes too long
 * for long events byte by byte.
 */
export async function expectSame<Client>(
  sdk: Sdk<Client>,
  one: WireCase<Client>,
  bareSplits: readonly (number | undefined)[] = SPLITS,
): Promise<void> {
  await withBoth(sdk, async ({ server, ledger, bare, guarded }) => {
    let [seen, bytes] = [{}, {}] as [object, object]
    for (const split of SPLITS) {
      server.respond = (heard) => ({ ...one.answer(heard), ...(split === undefined ? {} : { split }) })
      if (split === SPLITS[0] || bareSplits.includes(split)) {
        seen = await seenOf(one.ask(bare))
        bytes = await bytesSeenOf(one.ask(bare))
      }
      expect(await seenOf(one.ask(guarded)), `split ${split}`).toEqual(seen)
      expect(await bytesSeenOf(one.ask(guarded)), `bytes, split ${split}`).toEqual(bytes)
    }
    await expectSettled(ledger, one)
  })
}

async function expectSettled<Client>(ledger: Ledger, { usage }: WireCase<Client>): Promise<void> {
  const rows = await ledger.calls.list()
  expect(rows).toHaveLength(2 * SPLITS.length)
  for (const row of rows) {
    expect(row.cost?.status).not.toBe('open')
    if (usage !== undefined) expect(row).toMatchObject({ usage, cost: { estimated: false } })
  }
  expect((await ledger.verify()).problems).toEqual([])
}
