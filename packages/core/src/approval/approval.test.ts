import { describe, expect, test, vi } from 'vitest'
import { ApprovalDeniedError } from '../errors/approval-denied-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import { tool } from '../run/callable-tool.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { ID, pendingOf, TEA, waiting } from './testing/waiting-run.ts'

const PUBLIC = { by: 'ann', reason: 'CHG-118' }

describe('(A1) a policy is asked on every way to execution', () => {
  test('a tool that needs an approval executes only once a human has given it', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const key = await waiting(ledger, () => charge(TEA))
    expect(charge.done).toEqual([])
    expect(await waiting(ledger, () => charge(TEA))).toBe(key)
    expect(await ledger.approvals.approve(key, PUBLIC)).toBe(true)
    expect(charge.done).toEqual([])
    expect(await ledger.run(ID, () => charge(TEA))).toBe('charge of tea')
    expect(charge.done).toEqual(['tea'])
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', generation: 1, attempt: 1 }])
    expect((await ledger.verify()).problems).toEqual([])
  })

  const down = new Error('policy service is down')
  const policies: readonly (readonly [what: string, says: () => unknown, isAsked: boolean])[] = [
    ['yes', () => true, true],
    ['no', () => false, false],
    ['a promise of yes', () => Promise.resolve(true), true],
    ['a promise of no', () => Promise.resolve(false), false],
    ['a rejection', () => Promise.reject(down), true],
    ['nothing at all', () => undefined, true],
    [
      'a throw',
      () => {
        throw down
      },
      true,
    ],
  ]
  test.each(policies)('and one that says no is the only one that lets a tool go on: %s', async (_, says, isAsked) => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: says as () => boolean })
    const ended = ledger.run(ID, () => charge(TEA))
    if (isAsked) await expect(ended).rejects.toThrow('needs an approval')
    else expect(await ended).toBe('charge of tea')
    expect(charge.done.length).toBe(isAsked ? 0 : 1)
  })

  test('the policy gets the arguments as the schema parsed them', async () => {
    const when = vi.fn(({ note }: { note: string }) => note === 'gold')
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: { when } })
    await ledger.run(ID, async () => charge(TEA))
    expect(when.mock.calls).toEqual([[TEA]])
    await waiting(ledger, () => charge({ note: 'gold' }), 'turn-2')
  })

  test('one call can ask for an approval that its tool does not need, and none can do without', async () => {
    const ledger = temporaryLedger()
    const [free, strict] = [countedTool('free'), countedTool('strict', { approval: true })]
    await waiting(ledger, () => free(TEA, { approval: true }))
    await waiting(ledger, () => strict(TEA, { approval: false }), 'turn-2')
    expect([free.done, strict.done]).toEqual([[], []])
  })

  test('another attempt of an effect that may have happened needs an approval too', async () => {
    const ledger = temporaryLedger()
    let asks = false
    const charge = countedTool('charge', { approval: () => asks, onUnknown: 'retry' })
    const lost = tool({
      name: 'charge',
      onUnknown: 'retry',
      execute: (_: typeof TEA): string => {
        throw new TypeError('x', { cause: { code: 'ECONNRESET' } })
      },
    })
    await expect(ledger.run({ ...ID, onError: 'keep' }, () => lost(TEA))).rejects.toThrow()
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown', attempt: 1 }])
    asks = true
    const again = { ...ID, retry: true, onError: 'keep' } as const
    await expect(ledger.run(again, () => charge(TEA))).rejects.toThrow('needs an approval')
    const [asked] = await pendingOf(ledger)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'requires_approval', attempt: 1 }])
    expect(await ledger.approvals.approve(asked?.key ?? '')).toBe(true)
    expect(await ledger.run(ID, () => charge(TEA))).toBe('charge of tea')
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', generation: 1, attempt: 2 }])
  })

  test('a no to another attempt leaves open whether the first one happened, and stops the run', async () => {
    const ledger = temporaryLedger()
    const options = { onUnknown: 'retry', approval: true } as const
    const charge = countedTool('charge', options)
    const lost = tool({
      name: 'charge',
      onUnknown: 'retry',
      execute: (_: typeof TEA): string => {
        throw new TypeError('x', { cause: { code: 'ECONNRESET' } })
      },
    })
    await ledger.run({ ...ID, onError: 'keep' }, () => lost(TEA)).catch(() => undefined)
    await ledger.run({ ...ID, retry: true }, () => charge(TEA)).catch(() => undefined)
    const [asked] = await pendingOf(ledger)
    await ledger.approvals.deny(asked?.key ?? '', { reason: 'ask the bank' })
    const ended = await ledger.run(ID, () => charge(TEA).catch(() => 'swallowed')).catch((error: unknown) => error)
    expect(ended).toBeInstanceOf(EffectUnknownError)
    expect(ApprovalDeniedError.find(ended)?.reason).toBe('ask the bank')
    expect(charge.done).toEqual([])
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown', attempt: 1 }])
  })

  test('a yes that comes when the outside may have forgotten the downstream key starts nothing', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, leaseMs: 10 ** 12 })
    const charge = countedTool('charge', { onUnknown: 'retry', approval: true, downstreamKeyTtlMs: 1_000 })
    const lost = tool({
      name: 'charge',
      onUnknown: 'retry',
      execute: (_: typeof TEA): string => {
        throw new TypeError('x', { cause: { code: 'ECONNRESET' } })
      },
    })
    await ledger.run({ ...ID, onError: 'keep' }, () => lost(TEA)).catch(() => undefined)
    await ledger.run({ ...ID, retry: true }, () => charge(TEA)).catch(() => undefined)
    const [asked] = await pendingOf(ledger)
    await clock.advance(2_000)
    expect(await ledger.approvals.approve(asked?.key ?? '')).toBe(true)
    await expect(ledger.run(ID, () => charge(TEA))).rejects.toThrow(EffectUnknownError)
    expect(charge.done).toEqual([])
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown' }])
  })
})

describe('(A2) an approval is bound to the arguments', () => {
  test('other arguments are another effect, and need an approval of their own', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const key = await waiting(ledger, () => charge(TEA))
    await ledger.approvals.approve(key)
    const other = await waiting(ledger, () => charge({ note: 'gold' }))
    expect(other).not.toBe(key)
    expect(charge.done).toEqual([])
  })

  test.each(['pending', 'approved'])(
    'other arguments under the key of a question that is %s are a conflict',
    async (status) => {
      const ledger = temporaryLedger()
      const order = tool({
        name: 'order',
        approval: true,
        keys: ['id'],
        execute: (args: { id: number; cents: number }) => args.cents,
      })
      const key = await waiting(ledger, () => order({ id: 1, cents: 25 }))
      if (status === 'approved') await ledger.approvals.approve(key)
      await expect(ledger.run({ ...ID, onError: 'keep' }, () => order({ id: 1, cents: 9_900 }))).rejects.toThrow(
        IdempotencyConflictError,
      )
      expect(await ledger.effects.list()).toMatchObject([{ result: undefined, attempt: 0 }])
    },
  )

  test('arguments that their caller changes while a human thinks are not executed', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: { block: true } })
    const args = { note: 'tea' }
    ledger.on('approval-requested', ({ key }) => {
      args.note = 'gold'
      void ledger.approvals.approve(key)
    })
    await expect(ledger.run(ID, () => charge(args))).rejects.toThrow('were changed after it was called')
    expect(charge.done).toEqual([])
    expect(await ledger.effects.list()).toMatchObject([{ status: 'failed', certainty: 'not_applied', args: TEA }])
  })

  test('what the policy makes of its arguments changes neither what is asked nor what executes', async () => {
    const ledger = temporaryLedger()
    const when = (args: { note: string }) => {
      args.note = 'gold'
      return false
    }
    const charge = countedTool('charge', { approval: when })
    expect(await ledger.run(ID, () => charge({ note: 'tea' }))).toBe('charge of tea')
    expect(charge.done).toEqual(['tea'])
  })
})

describe('(A3) a decision', () => {
  test('keeps who, when and why', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const charge = countedTool('charge', { approval: { reason: 'above the limit' } })
    const key = await waiting(ledger, () => charge(TEA))
    const requestedAt = new Date(clock.now())
    const facts = { key, tool: 'charge', args: TEA, runId: 'turn-1', reason: 'above the limit', requestedAt }
    expect(await ledger.approvals.get(key)).toMatchObject({ ...facts, status: 'pending', by: null, decidedAt: null })
    await clock.advance(5_000)
    await ledger.approvals.approve(key, PUBLIC)
    const decided = { status: 'approved', by: 'ann', decisionReason: 'CHG-118', decidedAt: new Date(clock.now()) }
    expect(await ledger.approvals.get(key)).toMatchObject({ ...facts, ...decided })
  })

  test('that nobody made in time is asked for anew, and the old answer is worth nothing', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, leaseMs: 10 ** 12 })
    const charge = countedTool('charge', { approval: { expiresMs: 1_000 } })
    const key = await waiting(ledger, () => charge(TEA))
    await clock.advance(1_000)
    expect(await pendingOf(ledger)).toEqual([])
    expect(await ledger.approvals.get(key)).toMatchObject({ status: 'expired' })
    expect(await ledger.approvals.approve(key)).toBe(false)
    expect(await waiting(ledger, () => charge(TEA))).toBe(key)
    expect(await pendingOf(ledger)).toMatchObject([{ key, generation: 2 }])
    expect(await ledger.approvals.approve(key)).toBe(true)
    expect(await ledger.run(ID, () => charge(TEA))).toBe('charge of tea')
    expect(charge.done).toEqual(['tea'])
  })
})

describe('(A4) a definition, a call or a decision that cannot be meant throws', () => {
  test.each([
    [() => countedTool('charge', { approval: 'yes' as never })],
    [() => countedTool('charge', { approval: { from: 'browser' as never } })],
    [() => countedTool('charge', { approval: { expireMs: 5 } as never })],
    [() => countedTool('look', { effect: 'read', approval: true })],
  ])('when a tool is defined: %s', (define) => {
    expect(define).toThrow(ConfigError)
  })

  test.each([
    { approval: 'yes' },
    { answer: true },
    { answer: { approve: 'false' } },
    { answer: { approve: true, approved: true } },
    { answer: { approve: true, by: 7 } },
    { approvals: true },
  ])('when a tool is called with %j', async (options) => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: { from: 'client' } })
    await expect(ledger.run(ID, () => charge(TEA, options as never))).rejects.toThrow(ConfigError)
    expect(charge.done).toEqual([])
    expect(await ledger.effects.list()).toEqual([])
  })

  test('when a read is to be approved for one call', async () => {
    const ledger = temporaryLedger()
    const look = countedTool('look', { effect: 'read' })
    await expect(ledger.run(ID, () => look(TEA, { approval: true }))).rejects.toThrow(ConfigError)
    expect(look.done).toEqual([])
  })
})

describe('(A5) a no', () => {
  test('goes to the model, stops neither the run nor its siblings, and is the same again on resume', async () => {
    const ledger = temporaryLedger()
    const [charge, mail] = [countedTool('charge', { approval: true }), countedTool('mail', { approval: true })]
    const agent = async () => {
      const answers = await Promise.allSettled([charge(TEA), mail(TEA)])
      return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason))
    }
    const asked: string[] = []
    ledger.on('approval-requested', ({ key, tool }) => {
      if (tool === 'charge') asked.push(key)
    })
    await waiting(ledger, agent)
    await ledger.approvals.deny(asked[0] ?? '', { by: 'ann', reason: 'too dear' })
    const mailKey = await waiting(ledger, agent)
    await ledger.approvals.approve(mailKey)
    const [denial, sent] = await ledger.run(ID, agent)
    expect(denial).toBeInstanceOf(ApprovalDeniedError)
    expect(denial).toMatchObject({ by: 'ann', reason: 'too dear', tool: 'charge' })
    expect(denial.message).toContain('was denied by ann: too dear')
    expect([sent, charge.done, mail.done]).toEqual(['mail of tea', [], ['tea']])
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'completed' })
  })

  test('is served on resume, also when somebody has said yes since; asked again it executes', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const key = await waiting(ledger, () => charge(TEA))
    await ledger.approvals.deny(key)
    const hold = countedTool('hold', { approval: true })
    const agent = async () => {
      const first = await charge(TEA).catch((error: unknown) => error)
      await hold(TEA)
      return [first, await charge(TEA)]
    }
    const holdKey = await waiting(ledger, agent)
    expect(await ledger.approvals.approve(key)).toBe(false)
    expect(await ledger.approvals.approve(key, { overrule: true })).toBe(true)
    await ledger.approvals.approve(holdKey)
    const [first, second] = await ledger.run(ID, agent)
    expect(ApprovalDeniedError.isInstance(first)).toBe(true)
    expect([second, charge.done]).toEqual(['charge of tea', ['tea']])
  })
})
