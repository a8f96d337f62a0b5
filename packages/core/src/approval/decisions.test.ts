import { describe, expect, test } from 'vitest'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { tool } from '../run/callable-tool.ts'
import type { Run } from '../run/run.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { noteTool } from './testing/note-tool.ts'
import { ID, pendingOf, TEA, waiting } from './testing/waiting-run.ts'

const UNKNOWN = `1.${'A'.repeat(43)}`

describe('a decision', () => {
  test.each(['approve', 'deny', 'cancel'] as const)(
    'to %s needs a key that is known, and options that exist',
    async (decision) => {
      const { approvals } = temporaryLedger()
      for (const key of [UNKNOWN, 'nonsense', '']) await expect(approvals[decision](key)).rejects.toThrow(ConfigError)
      await expect(approvals[decision](UNKNOWN, { who: 'ann' } as never)).rejects.toThrow("there is no option 'who'")
      await expect(approvals[decision](UNKNOWN, { by: 5 } as never)).rejects.toThrow('`by` is no text')
      expect(await approvals.get(UNKNOWN)).toBeUndefined()
      expect(await approvals.get('nonsense')).toBeUndefined()
    },
  )

  test('about an effect that nobody was asked about answers false', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    await ledger.run(ID, () => charge(TEA))
    const key = (await ledger.effects.list())[0]?.key ?? ''
    expect(await ledger.approvals.get(key)).toBeUndefined()
    for (const decision of ['approve', 'deny', 'cancel', 'request'] as const)
      expect(await ledger.approvals[decision](key)).toBe(false)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded' }])
  })

  test('counts once: the second one answers false unless it overrules the first, and never after the effect', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const key = await waiting(ledger, () => charge(TEA))
    const { approvals } = ledger
    expect([await approvals.approve(key), await approvals.approve(key), await approvals.deny(key)]).toEqual([
      true,
      false,
      false,
    ])
    expect(await approvals.deny(key, { overrule: true })).toBe(true)
    expect(await approvals.approve(key, { overrule: true })).toBe(true)
    await ledger.run(ID, () => charge(TEA))
    expect([await approvals.deny(key, { overrule: true }), await approvals.cancel(key)]).toEqual([false, false])
    expect(charge.done).toEqual(['tea'])
  })

  test('to cancel takes the question back, or the yes that nothing has come of; it is asked anew then', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const key = await waiting(ledger, () => charge(TEA))
    expect(await ledger.approvals.cancel(key, { by: 'ann', reason: 'wrong customer' })).toBe(true)
    expect(await ledger.approvals.approve(key)).toBe(false)
    await waiting(ledger, () => charge(TEA))
    expect(await ledger.approvals.approve(key)).toBe(true)
    expect(await ledger.approvals.cancel(key)).toBe(true)
    await waiting(ledger, () => charge(TEA))
    expect(charge.done).toEqual([])
    expect(await ledger.effects.history(key)).toMatchObject([
      { status: 'canceled' },
      { status: 'canceled' },
      { status: 'requires_approval', generation: 3 },
    ])
  })

  test('about a question that was asked anew, with other arguments, has to say which one it has seen', async () => {
    const ledger = temporaryLedger()
    const pay = tool({
      ...{ name: 'pay', approval: true, keys: ['order'] },
      execute: ({ cents }: { order: number; cents: number }) => cents,
    })
    const key = await waiting(ledger, () => pay({ order: 1, cents: 5 }))
    await ledger.approvals.cancel(key)
    const error = await ledger.run(ID, () => pay({ order: 1, cents: 9 })).catch((thrown: unknown) => thrown)
    const generation = ApprovalRequiredError.find(error)?.approval.generation ?? 0
    await expect(ledger.approvals.approve(key)).rejects.toThrow('{ generation: approval.generation }')
    expect(await ledger.approvals.approve(key, { generation: generation - 1 })).toBe(false)
    expect(await ledger.approvals.deny(key, { generation: generation - 1 })).toBe(false)
    expect(await ledger.approvals.get(key)).toMatchObject({ generation, status: 'pending', args: { cents: 9 } })
    expect(await ledger.approvals.approve(key, { generation })).toBe(true)
    // The same arguments mean the same, however often they were asked about.
    const other = await waiting(ledger, () => pay({ order: 2, cents: 5 }), 'turn-2')
    await ledger.approvals.cancel(other)
    await waiting(ledger, () => pay({ order: 2, cents: 5 }), 'turn-2')
    expect(await ledger.approvals.approve(other)).toBe(true)
  })

  test('from another ledger object on the same file lets the run go on here', async () => {
    const folder = temporaryFolder()
    const [first, second] = [temporaryLedger({}, folder), temporaryLedger({}, folder)]
    const charge = countedTool('charge', { approval: true })
    const key = await waiting(first, () => charge(TEA))
    expect(await pendingOf(second)).toMatchObject([{ key, tool: 'charge', args: TEA }])
    expect(await second.approvals.approve(key)).toBe(true)
    expect(await second.run(ID, () => charge(TEA))).toBe('charge of tea')
    expect(await first.run(ID, () => charge(TEA))).toBe('charge of tea')
    expect(charge.done).toEqual(['tea'])
  })
})

describe('edited arguments', () => {
  test('are executed instead, and what was asked for is kept beside them', async () => {
    const ledger = temporaryLedger()
    const { charge, done } = noteTool()
    const key = await waiting(ledger, () => charge({ note: ' tea ' }))
    expect(await ledger.approvals.approve(key, { args: { note: ' milk ' } })).toBe(true)
    expect(await ledger.run(ID, () => charge({ note: ' tea ' }))).toBe('milk')
    expect(done).toEqual(['milk'])
    expect(await ledger.approvals.get(key)).toMatchObject({ args: { note: ' milk ' }, originalArgs: { note: 'tea' } })
    expect(await ledger.effects.get(key)).toMatchObject({ status: 'succeeded', args: { note: ' milk ' } })
  })

  test('that do not fit the schema of the tool, or cannot be stored, decide nothing', async () => {
    const folder = temporaryFolder()
    const ledger = temporaryLedger({}, folder)
    const { charge, done } = noteTool()
    const key = await waiting(ledger, () => charge(TEA))
    const registered = temporaryLedger({ tools: [charge], maxValueBytes: 40 }, folder)
    for (const { approvals } of [ledger, registered])
      await expect(approvals.approve(key, { args: { note: 7 } })).rejects.toThrow(InvalidArgumentsError)
    await expect(registered.approvals.approve(key, { args: { note: 'x'.repeat(50) } })).rejects.toThrow(
      NotSerializableError,
    )
    expect(await ledger.approvals.get(key)).toMatchObject({ status: 'pending', args: TEA })
    expect(done).toEqual([])
  })

  test('that the approving process could not check are checked before they are executed', async () => {
    const ledger = temporaryLedger()
    const { charge, done } = noteTool()
    const loose = countedTool('charge', { approval: true })
    const key = await waiting(ledger, () => loose(TEA))
    await ledger.approvals.approve(key, { args: { note: 7 } })
    const ended = ledger.run({ ...ID, onError: 'keep' }, () => charge(TEA))
    await expect(ended).rejects.toThrow(InvalidArgumentsError)
    expect([done, loose.done]).toEqual([[], []])
    expect(await ledger.effects.list()).toMatchObject([{ status: 'failed', certainty: 'not_applied' }])
  })

  test('reach every attempt of the body, its own rows and its compensation', async () => {
    const ledger = temporaryLedger()
    const seen: unknown[] = []
    let fails = true
    const { charge } = noteTool({
      retry: { attempts: 2, backoff: { initialMs: 1 } },
      commit: (_transaction, _result, args) => void seen.push(['commit', args]),
      compensate: (_result, args) => void seen.push(['compensate', args]),
      execute: ({ note }) => {
        seen.push(['execute', note])
        if (fails) {
          fails = false
          throw new Error('odd')
        }
        return note
      },
    })
    const agent = async (run: Run) => {
      await charge({ note: 'tea' })
      if (run.error === undefined) throw new Error('shipping failed')
    }
    const key = await waiting(ledger, agent)
    await ledger.approvals.approve(key, { args: { note: 'milk' } })
    await expect(ledger.run(ID, agent)).rejects.toThrow('shipping failed')
    const milk = { note: 'milk' }
    expect(seen).toEqual([
      ['execute', 'milk'],
      ['execute', 'milk'],
      ['commit', milk],
      ['compensate', milk],
    ])
  })

  test('are what a reconcile hook is asked about', async () => {
    const ledger = temporaryLedger()
    const asked: unknown[] = []
    const { charge, done } = noteTool({
      onUnknown: (args) => {
        asked.push(args)
        return { kind: 'not_applied' }
      },
      execute: ({ note }) => {
        done.push(note)
        if (done.length === 1) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
        return note
      },
    })
    const key = await waiting(ledger, () => charge({ note: 'tea' }))
    await ledger.approvals.approve(key, { args: { note: 'milk' } })
    await expect(ledger.run({ ...ID, onError: 'keep' }, () => charge({ note: 'tea' }))).rejects.toThrow('reset')
    expect([asked, done]).toEqual([[{ note: 'milk' }], ['milk']])
  })
})

test('edited arguments are what a later process asks about an outcome that nobody knows', async () => {
  const ledger = temporaryLedger()
  const asked: unknown[] = []
  const lost = noteTool({
    execute: () => {
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    },
  })
  const { charge } = noteTool({
    onUnknown: (args) => {
      asked.push(args)
      return { kind: 'applied', result: 'found' }
    },
  })
  const key = await waiting(ledger, () => lost.charge({ note: 'tea' }))
  await ledger.approvals.approve(key, { args: { note: ' milk ' } })
  await expect(ledger.run({ ...ID, onError: 'keep' }, () => lost.charge({ note: 'tea' }))).rejects.toThrow(
    'Nobody knows',
  )
  expect(await ledger.run({ ...ID, retry: true }, () => charge({ note: 'tea' }))).toBe('found')
  expect(asked).toEqual([{ note: 'milk' }])
})

describe('the open questions', () => {
  test('are found by run, thread and tool, page by page', async () => {
    const ledger = temporaryLedger()
    const [charge, mail] = [countedTool('charge', { approval: true }), countedTool('mail', { approval: true })]
    for (const turn of [1, 2, 3]) {
      const run = { id: `turn-${turn}`, thread: turn === 3 ? 'chat-b' : 'chat-a' }
      await ledger.run(run, () => Promise.allSettled([charge(TEA), mail(TEA)])).catch(() => undefined)
    }
    const all = await pendingOf(ledger)
    expect(all.map(({ runId, tool }) => `${runId} ${tool}`).sort()).toEqual(
      [1, 2, 3].flatMap((turn) => [`turn-${turn} charge`, `turn-${turn} mail`]),
    )
    expect(await pendingOf(ledger, { runId: 'turn-2' })).toHaveLength(2)
    expect(await pendingOf(ledger, { thread: 'chat-a', tool: 'mail' })).toHaveLength(2)
    expect(await pendingOf(ledger, { runId: 'nobody' })).toEqual([])
    const page = await pendingOf(ledger, { limit: 4 })
    expect(page).toEqual(all.slice(0, 4))
    expect(await pendingOf(ledger, { cursor: page.at(-1)?.cursor ?? '' })).toEqual(all.slice(4))
  })

  test('come one page after the other, however many there are', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { approval: true })
    const notes = Array.from({ length: 205 }, (_, note) => String(note))
    await ledger.run(ID, () => Promise.allSettled(notes.map((note) => charge({ note })))).catch(() => undefined)
    expect((await pendingOf(ledger)).map(({ args }) => (args as { note: string }).note)).toEqual(notes)
    expect(await pendingOf(ledger, { limit: 101 })).toHaveLength(101)
    const decided: string[] = []
    // As the example of the documentation does: deciding while reading.
    for await (const { key } of ledger.approvals.pending()) {
      if (await ledger.approvals.approve(key)) decided.push(key)
    }
    expect(new Set(decided).size).toBe(205)
    expect(await pendingOf(ledger)).toEqual([])
  })

  test.each([{ runID: 'x' }, { limit: 0 }, { limit: Number.NaN }, { cursor: 'x' }, { cursor: '-1' }])(
    'are not looked for with %j',
    (query) => {
      expect(() => temporaryLedger().approvals.pending(query as never)).toThrow(ConfigError)
    },
  )

  test('show as much of the arguments as their tool and the ledger allow', async () => {
    const redact = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('tea', '***'))
    const ledger = temporaryLedger({ redact })
    const levels = (['full', 'redacted', 'hash'] as const).map((record) =>
      countedTool(record, { approval: true, record }),
    )
    await ledger.run(ID, () => Promise.allSettled(levels.map((one) => one(TEA)))).catch(() => undefined)
    const shown = Object.fromEntries((await pendingOf(ledger)).map(({ tool, args }) => [tool, args]))
    expect(shown).toEqual({
      full: { note: '***' },
      redacted: { note: '[redacted]' },
      hash: { $hf: 'hash', value: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })
})
