import { expect, test, vi } from 'vitest'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { tool } from '../run/callable-tool.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'

const ID = { id: 'turn-1' }
const TEA = { note: 'tea' }

/** A charge that is compensated with what it keeps; `undone` has what its compensation got. */
function keeping(keep: (result: { id: string }) => unknown) {
  const undone: unknown[] = []
  const charge = tool({
    name: 'charge',
    keep,
    execute: (_: typeof TEA) => ({ id: 'ch_1', client: () => 'live' }),
    compensate: (_result, _args, { kept }) => void undone.push(kept),
  })
  return { charge, undone }
}

test('what a tool keeps of its result is what its compensation gets, also where the result cannot be stored', async () => {
  const ledger = temporaryLedger()
  const { charge, undone } = keeping(({ id }) => ({ id }))
  const ended = ledger.run(ID, () => charge(TEA))
  await expect(ended).rejects.toThrow(NotSerializableError)
  expect(undone).toEqual([{ id: 'ch_1' }])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('no id')
    },
  ],
  ['cannot be stored', () => Symbol('x')],
  ['is a promise', async () => 'later'],
])('a keep that %s leaves the effect succeeded, and is told', async (_, keep) => {
  const ledger = temporaryLedger()
  const told = vi.fn()
  ledger.on('output-not-kept', told)
  const { charge } = keeping(keep)
  await ledger.run({ ...ID, onError: 'keep' }, () => charge(TEA)).catch(() => undefined)
  expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', resultKept: false }])
  expect(told.mock.calls[0]?.[0].reason).toContain("what 'charge' keeps for its compensation")
})

test('an outcome that a human reports is kept of as one of the body', async () => {
  const undone: unknown[] = []
  const policy = {
    keep: (result: string) => result.toUpperCase(),
    compensate: (_result: unknown, _args: unknown, { kept }: { kept: unknown }) => void undone.push(kept),
  }
  const lost = countedTool('charge', policy)
  const charge = tool({
    name: 'charge',
    ...policy,
    execute: (_: typeof TEA): string => {
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    },
  })
  const ledger = temporaryLedger({ tools: [lost] })
  await expect(ledger.run({ ...ID, onError: 'keep' }, () => charge(TEA))).rejects.toThrow('Nobody knows')
  const [effect] = await ledger.effects.list()
  await ledger.effects.resolve(effect?.key ?? '', { outcome: 'applied', result: 'ch_7' })
  await ledger.runs.compensate(ID.id)
  expect(undone).toEqual(['CH_7'])
})

test('an effect of a scope that another run undid may be done again, by whoever asks next', async () => {
  const ledger = temporaryLedger()
  const charge = countedTool('charge', { once: 'thread', keys: ['note'], compensate: () => undefined })
  const first = { id: 'turn-1', thread: 'chat', onError: 'compensate' } as const
  await ledger
    .run(first, async () => {
      await charge(TEA)
      throw new Error('shipping failed')
    })
    .catch(() => undefined)
  expect(await ledger.run({ id: 'turn-2', thread: 'chat' }, () => charge(TEA))).toBe('charge of tea')
  expect(await ledger.run({ ...first, retry: true }, () => charge(TEA))).toBe('charge of tea')
  expect(charge.done).toEqual(['tea', 'tea'])
  expect((await ledger.effects.list()).map(({ status, generation }) => [status, generation])).toEqual([
    ['compensated', 1],
    ['succeeded', 2],
  ])
})

test('an effect of a scope whose compensation failed is neither there nor gone, and says what to do', async () => {
  const ledger = temporaryLedger()
  const compensate = () => {
    throw new Error('bank is closed')
  }
  const charge = countedTool('charge', { once: 'thread', keys: ['note'], compensate })
  await ledger
    .run({ id: 'turn-1', thread: 'chat', onError: 'compensate' }, async () => {
      await charge(TEA)
      throw new Error('shipping failed')
    })
    .catch(() => undefined)
  const ended = ledger.run({ id: 'turn-2', thread: 'chat' }, () => charge(TEA))
  await expect(ended).rejects.toThrow("call ledger.runs.compensate('turn-1')")
  expect(charge.done).toEqual(['tea'])
})

test('the approval that an attempt had covers the next one, if that attempt is known to have had no effect', async () => {
  const ledger = temporaryLedger()
  const asked = vi.fn()
  let tries = 0
  const charge = tool({
    name: 'charge',
    approval: { block: true },
    retry: { attempts: 3, backoff: { initialMs: 1 }, when: () => true },
    execute: (_: typeof TEA): string => {
      if (++tries < 3) throw Object.assign(new Error('busy'), { status: 429 })
      return 'paid'
    },
  })
  ledger.on('approval-requested', ({ key }) => {
    asked()
    void ledger.approvals.approve(key)
  })
  expect(await ledger.run(ID, () => charge(TEA))).toBe('paid')
  expect([asked.mock.calls.length, tries]).toEqual([1, 3])
  expect(await ledger.effects.list()).toMatchObject([
    { generation: 1 },
    { generation: 2 },
    { generation: 3, status: 'succeeded' },
  ])
})

test('the answer of one perform does not cover the next perform of the same', async () => {
  const ledger = temporaryLedger()
  const charge = tool({
    name: 'charge',
    approval: true,
    execute: (_: typeof TEA): string => {
      throw Object.assign(new Error('declined'), { status: 402 })
    },
  })
  const agent = async () => {
    await charge(TEA).catch(() => undefined)
    return charge(TEA)
  }
  await ledger.run(ID, agent).catch(() => undefined)
  for await (const { key } of ledger.approvals.pending()) await ledger.approvals.approve(key)
  await expect(ledger.run(ID, agent)).rejects.toThrow('needs an approval')
})
