import { expect, test } from 'vitest'
import { aesGcm } from '../codec/aes-gcm.ts'
import type { Codec } from '../codec/codec.ts'
import { ConfigError } from '../errors/config-error.ts'
import { tool } from '../run/callable-tool.ts'
import { Deeds } from '../testing/deeds.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'

const old = aesGcm({ id: 'key-2025', key: Buffer.alloc(32, 1) })
const current = aesGcm({ id: 'key-2026', key: Buffer.alloc(32, 2) })

const WITHOUT: readonly (readonly [what: string, codec: Codec | undefined])[] = [
  ['no codec', undefined],
  ['another codec', current],
  ['another key under the same id', aesGcm({ id: 'key-2025', key: Buffer.alloc(32, 9) })],
]

/** A run that fails and keeps what it did, sealed by the old key; and ledgers that go on with it. */
function setUp() {
  const folder = temporaryFolder()
  const deeds = new Deeds()
  const asked: string[] = []
  const pay = deeds.step('pay')
  const ship = tool({
    name: 'ship',
    compensate: () => undefined,
    onUnknown: ({ note }: { readonly note: string }) => {
      asked.push(note)
      return { kind: asked.length === 1 ? 'unknown' : 'not_applied' }
    },
    execute: () => Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
  })
  const open = (codec: Codec | readonly [Codec, ...Codec[]] | undefined) =>
    temporaryLedger({ tools: [pay, ship], ...(codec === undefined ? {} : { codec }) }, folder)
  const fail = (inDoubt: boolean) =>
    open(old)
      .run({ id: 'order', onError: 'keep' }, async () => {
        await pay({ note: 'a' })
        if (inDoubt) await ship({ note: 'b' }).catch(() => undefined)
        throw new Error('no')
      })
      .catch(() => undefined)
  return { open, fail, deeds, asked }
}

test.each(WITHOUT)(
  'with %s nothing is compensated and nothing has failed; with the right one it is',
  async (_, codec) => {
    const { open, fail, deeds } = setUp()
    await fail(false)
    const ledger = open(codec)
    const refused = ledger.runs.compensate('order')
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow("'key-2025'")
    expect(await ledger.recover()).toMatchObject({
      compensated: [],
      blocked: [{ runId: 'order', error: { code: 'config', message: expect.stringContaining("'key-2025'") } }],
    })
    expect(deeds.undone).toEqual([])
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', compensation: null }])
    expect(await ledger.runs.get('order')).toMatchObject({ status: 'compensating' })

    expect(await open([current, old]).recover()).toMatchObject({
      compensated: [{ runId: 'order', status: 'compensated' }],
      blocked: [],
    })
    expect(deeds.undone).toEqual(['pay a'])
  },
)

test.each(WITHOUT)('with %s nobody is asked about an effect in doubt, which stays so', async (_, codec) => {
  const { open, fail, asked, deeds } = setUp()
  await fail(true)
  expect(asked).toEqual(['b'])
  const ledger = open(codec)
  await expect(ledger.runs.compensate('order')).rejects.toThrow("'key-2025'")
  expect(asked).toEqual(['b'])
  expect(await ledger.effects.list({ tool: 'ship' })).toMatchObject([{ status: 'unknown' }])
  expect(deeds.undone).toEqual([])
  expect(await open(old).runs.compensate('order')).toMatchObject({ status: 'compensated' })
})
