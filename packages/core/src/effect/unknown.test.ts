import { describe, expect, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { Ledger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { EffectContext, Reconciliation, ToolPolicy } from '../tool/tool-definition.ts'
import { ManualClock } from '../util/manual-clock.ts'

const ID = { id: 'turn-1' }
const HOUR = 3_600_000

interface Args {
  readonly note: string
}

/** A tool whose first execution is lost on the way back, and whose later ones succeed. */
function losing(policy: ToolPolicy<Args, string> = {}) {
  const keys: string[] = []
  const charge = tool({
    name: 'charge',
    ...policy,
    execute: ({ note }: Args, { idempotencyKey }: EffectContext): string => {
      keys.push(idempotencyKey)
      if (keys.length === 1) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      return `charge of ${note}`
    },
  })
  return { charge, keys }
}

/**
 * Two lives of one run: in the first the body begins and its process stops, as by SIGSTOP; the second finds its
 * lease over. Each has a clock, and so a connection, of its own.
 */
async function stopped(policy: ToolPolicy<Args, string>) {
  const folder = temporaryFolder()
  const [old, young] = [new ManualClock(0), new ManualClock(0)]
  const contexts: EffectContext[] = []
  const body = Promise.withResolvers<string>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const charge = tool({
    name: 'charge',
    ...policy,
    execute: ({ note }: Args, context: EffectContext): string | Promise<string> => {
      contexts.push(context)
      if (contexts.length > 1) return `charge of ${note} by the heir`
      start()
      return body.promise
    },
  })
  const zombieLedger = temporaryLedger({ clock: old }, folder)
  const zombie = zombieLedger.run(ID, () => charge({ note: 'tea' })).catch((error: unknown) => error)
  await started
  await young.advance(60_002)
  const ledger = temporaryLedger({ clock: young }, folder)
  return { ledger, charge, contexts, zombie, wakeUp: body.resolve, old, young }
}

async function onlyEffect(ledger: Ledger) {
  const effects = await ledger.effects.list()
  expect(effects).toHaveLength(1)
  return effects[0]
}

describe("onUnknown 'halt'", () => {
  test('stops the run with an error that names the key to look for outside', async () => {
    const ledger = temporaryLedger()
    const told = vi.fn()
    ledger.on('effect-unknown', told)
    const { charge, keys } = losing()
    const error = await ledger.run(ID, () => charge({ note: 'tea' })).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EffectUnknownError)
    expect(error).toMatchObject({ tool: 'charge', runId: 'turn-1', idempotencyKey: keys[0] })
    expect((error as EffectUnknownError).cause).toMatchObject({ code: 'ECONNRESET' })
    expect(told).toHaveBeenCalledOnce()
    expect(await onlyEffect(ledger)).toMatchObject({ status: 'unknown', certainty: 'in_doubt' })
  })

  test('stops every later attempt of the run as well, until somebody says what happened', async () => {
    const ledger = temporaryLedger()
    const { charge, keys } = losing()
    const agent = () => charge({ note: 'tea' })
    await ledger.run(ID, agent).catch(() => undefined)
    await expect(ledger.run({ ...ID, retry: true }, agent)).rejects.toThrow(EffectUnknownError)
    expect(keys).toHaveLength(1)
  })

  test('meets a body whose owner has not renewed its lease: it stops the heir', async () => {
    const { ledger, charge, contexts } = await stopped({})
    await expect(ledger.run(ID, () => charge({ note: 'tea' }))).rejects.toThrow(EffectUnknownError)
    expect(contexts).toHaveLength(1)
    expect(await onlyEffect(ledger)).toMatchObject({ status: 'unknown', epoch: 2 })
  })

  test('is not reached by an effect with leaseMs: Infinity: it is never taken over', async () => {
    const { ledger, charge, contexts } = await stopped({ leaseMs: Number.POSITIVE_INFINITY, wait: { onBusy: 'throw' } })
    await expect(ledger.run(ID, () => charge({ note: 'tea' }))).rejects.toThrow('being run by somebody else')
    expect(contexts).toHaveLength(1)
    expect((await onlyEffect(ledger))?.status).toBe('processing')
  })
})

describe("onUnknown 'retry'", () => {
  test('runs again when asked again, under the same downstream key and in the same generation', async () => {
    const ledger = temporaryLedger()
    const { charge, keys } = losing({ onUnknown: 'retry' })
    await ledger.run(ID, async () => {
      await expect(charge({ note: 'tea' })).rejects.toThrow('socket hang up')
      expect(await charge({ note: 'tea' })).toBe('charge of tea')
    })
    expect(keys[0]).toBe(keys[1])
    expect(await onlyEffect(ledger)).toMatchObject({ status: 'succeeded', generation: 1, attempt: 2 })
  })

  test('takes over from an owner that stopped, with a new epoch that fences it', async () => {
    const { ledger, charge, contexts, zombie, wakeUp } = await stopped({ onUnknown: 'retry' })
    expect(await ledger.run(ID, () => charge({ note: 'tea' }))).toBe('charge of tea by the heir')
    expect(contexts[0]?.idempotencyKey).toBe(contexts[1]?.idempotencyKey)
    expect(contexts[1]).toMatchObject({ attempt: 2, generation: 1 })
    wakeUp('charge of tea by the zombie')
    expect(await zombie).toBeInstanceOf(Error)
    expect(await onlyEffect(ledger)).toMatchObject({ status: 'succeeded', result: 'charge of tea by the heir' })
    expect(await contexts[0]?.heartbeat()).toBe(false)
  })

  test('halts once the outside may have forgotten the downstream key', async () => {
    for (const [waited, runs] of [
      [23 * HOUR - 1, 2],
      [23 * HOUR, 1],
    ] as const) {
      const clock = new ManualClock()
      const ledger = temporaryLedger({ clock })
      const { charge, keys } = losing({ onUnknown: 'retry' })
      const agent = async () => {
        await charge({ note: 'tea' }).catch(() => undefined)
        clock.jumpWallClock(waited)
        return charge({ note: 'tea' }).catch((error: unknown) => error)
      }
      const answer = await ledger.run(ID, agent).catch((error: unknown) => error)
      expect(keys).toHaveLength(runs)
      if (runs === 1) expect(answer).toBeInstanceOf(EffectUnknownError)
    }
  })
})

describe('a reconcile hook', () => {
  test.each<[answer: Reconciliation<string>['kind']]>([['applied'], ['not_applied'], ['unknown']])(
    'that answers %s about a stopped owner',
    async (kind) => {
      const asked = vi.fn((_args: Args, _context: EffectContext): Reconciliation<string> => {
        if (kind === 'applied') return { kind, result: 'found outside' }
        return { kind }
      })
      const { ledger, charge, contexts } = await stopped({ onUnknown: asked })
      const answer = await ledger.run(ID, () => charge({ note: 'tea' })).catch((error: unknown) => error)
      expect(asked).toHaveBeenCalledOnce()
      expect(asked.mock.calls[0]?.[0]).toEqual({ note: 'tea' })
      expect(asked.mock.calls[0]?.[1].idempotencyKey).toBe(contexts[0]?.idempotencyKey)
      const history = await ledger.effects.history(contexts[0]?.key ?? '')
      const lives = history.map(({ generation, status }) => [generation, status])
      if (kind === 'applied') {
        expect([answer, contexts.length, lives]).toEqual(['found outside', 1, [[1, 'succeeded']]])
      } else if (kind === 'not_applied') {
        expect([answer, contexts.length]).toEqual(['charge of tea by the heir', 2])
        expect(lives).toEqual([
          [1, 'failed'],
          [2, 'succeeded'],
        ])
        expect(contexts[1]?.idempotencyKey).not.toBe(contexts[0]?.idempotencyKey)
      } else {
        expect(answer).toBeInstanceOf(EffectUnknownError)
        expect([contexts.length, lives]).toEqual([1, [[1, 'unknown']]])
      }
    },
  )

  test('is asked about a lost answer at once, and its result is the answer', async () => {
    const ledger = temporaryLedger()
    const { charge, keys } = losing({ onUnknown: () => ({ kind: 'applied', result: 'found outside' }) })
    await ledger.run(ID, async () => {
      expect([await charge({ note: 'tea' }), await charge({ note: 'tea' })]).toEqual(['found outside', 'found outside'])
    })
    expect(keys).toHaveLength(1)
  })

  test('that finds nothing gives the agent its error, and asking again is a new generation', async () => {
    const ledger = temporaryLedger()
    const { charge, keys } = losing({ onUnknown: async () => ({ kind: 'not_applied' }) })
    await ledger.run(ID, async () => {
      await expect(charge({ note: 'tea' })).rejects.toThrow('socket hang up')
      expect(await charge({ note: 'tea' })).toBe('charge of tea')
    })
    expect(new Set(keys).size).toBe(2)
  })

  test('that throws knows nothing yet', async () => {
    const ledger = temporaryLedger()
    const { charge, keys } = losing({ onUnknown: () => Promise.reject(new Error('search is down')) })
    await expect(ledger.run(ID, () => charge({ note: 'tea' }))).rejects.toThrow(EffectUnknownError)
    expect(keys).toHaveLength(1)
  })
})

describe('late evidence', () => {
  test('of an owner that had only expired settles the effect, though its run has moved on', async () => {
    const { ledger, charge, zombie, wakeUp } = await stopped({})
    await expect(ledger.run(ID, () => charge({ note: 'tea' }))).rejects.toThrow(EffectUnknownError)
    wakeUp('charge of tea, really')
    expect(await zombie).toBeInstanceOf(Error)
    expect(await onlyEffect(ledger)).toMatchObject({ status: 'succeeded', result: 'charge of tea, really' })
    expect(await ledger.run({ ...ID, retry: true }, () => charge({ note: 'tea' }))).toBe('charge of tea, really')
  })

  test('of an owner that lost only time is an ordinary commit: expiry alone changes nothing', async () => {
    const { old, zombie, wakeUp, ledger } = await stopped({})
    old.jumpWallClock(10 * HOUR)
    wakeUp('charge of tea')
    expect(await zombie).toBe('charge of tea')
    expect(await onlyEffect(ledger)).toMatchObject({ status: 'succeeded', epoch: 1 })
  })
})

describe('effects.resolve', () => {
  async function unknownEffect() {
    const ledger = temporaryLedger()
    const { charge, keys } = losing()
    const agent = () => charge({ note: 'tea' })
    await ledger.run(ID, agent).catch(() => undefined)
    return { ledger, agent, keys, key: (await onlyEffect(ledger))?.key ?? '' }
  }

  test('by a human who found it outside gives its result to the next attempt', async () => {
    const { ledger, agent, keys, key } = await unknownEffect()
    await ledger.effects.resolve(key, { outcome: 'applied', result: 'found', by: 'ann', reason: 'seen at the bank' })
    expect(await ledger.run({ ...ID, retry: true }, agent)).toBe('found')
    expect(keys).toHaveLength(1)
    const { entries } = await ledger.runs.export('turn-1')
    expect(JSON.stringify(entries)).toContain('seen at the bank')
  })

  test('by a human who did not find it lets it run again under a new downstream key', async () => {
    const { ledger, agent, keys, key } = await unknownEffect()
    await ledger.effects.resolve(key, { outcome: 'not_applied', by: 'ann' })
    expect(await ledger.run({ ...ID, retry: true }, agent)).toBe('charge of tea')
    expect(new Set(keys).size).toBe(2)
  })

  test('of what is not unknown, or not known at all, changes nothing and says so', async () => {
    const { ledger, key } = await unknownEffect()
    await ledger.effects.resolve(key, { outcome: 'applied' })
    await expect(ledger.effects.resolve(key, { outcome: 'not_applied' })).rejects.toThrow(ConfigError)
    await expect(ledger.effects.resolve('nonsense', { outcome: 'applied' })).rejects.toThrow(ConfigError)
    expect((await onlyEffect(ledger))?.status).toBe('succeeded')
  })
})

describe('effects.commit', () => {
  test('records the outcome of an effect that another process began, while its epoch is the same', async () => {
    const ledger = temporaryLedger()
    const run = await ledger.open(ID)
    const claim = await run.begin(countedTool('charge'), { note: 'tea' })
    if (claim.kind !== 'claimed') throw new Error(claim.kind)
    expect(await ledger.effects.commit(claim.key, 99, { outcome: 'succeeded', result: 'no' })).toEqual({ kind: 'lost' })
    const committed = await ledger.effects.commit(claim.key, 1, { outcome: 'succeeded', result: 'by webhook' })
    expect(committed).toEqual({ kind: 'committed' })
    expect(await onlyEffect(ledger)).toMatchObject({ status: 'succeeded', result: 'by webhook' })
    expect(await ledger.effects.commit(claim.key, 1, { outcome: 'succeeded', result: 'x' })).toEqual({ kind: 'lost' })
  })

  test.each([
    ['a known failure', new NotAppliedError('declined'), 'failed', 'not_applied'],
    ['a lost answer', Object.assign(new Error('gone'), { status: 504 }), 'unknown', 'in_doubt'],
    ['an odd failure', new Error('odd'), 'failed', 'assumed'],
  ] as const)('records %s by what it says about the outside', async (_, error, status, certainty) => {
    const ledger = temporaryLedger()
    const run = await ledger.open(ID)
    const claim = await run.begin(countedTool('charge'), { note: 'tea' })
    if (claim.kind !== 'claimed') throw new Error(claim.kind)
    await ledger.effects.commit(claim.key, 1, { outcome: 'failed', error })
    expect(await onlyEffect(ledger)).toMatchObject({ status, certainty })
  })
})
