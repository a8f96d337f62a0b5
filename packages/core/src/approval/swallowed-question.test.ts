import { describe, expect, test } from 'vitest'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { tool } from '../run/callable-tool.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { ToolPolicy } from '../tool/tool-definition.ts'
import { ID, TEA, waiting } from './testing/waiting-run.ts'

type Swallow = (error: unknown) => string

/** What a framework inside a body makes of the error. */
const SWALLOWS: readonly (readonly [what: string, swallow: Swallow])[] = [
  ['returns', () => 'a message to the model'],
  [
    'throws an error of its own',
    () => {
      throw new Error('no step is left')
    },
  ],
]

/** A tool that needs an approval, within one that does what it likes with that. */
function nested(swallow: Swallow, policy: ToolPolicy<typeof TEA, string> = {}) {
  const inner = countedTool('inner', { approval: true })
  const outer = tool({ name: 'outer', ...policy, execute: (_: typeof TEA) => inner(TEA).catch(swallow) })
  return { inner, outer }
}

describe.each(SWALLOWS)('a body in which a question was met, and which %s,', (_, swallow) => {
  test('has no outcome: it runs again after the yes, if its tool is safe to repeat', async () => {
    const ledger = temporaryLedger()
    const { inner, outer } = nested(swallow, { onUnknown: 'retry', retry: { attempts: 3 } })
    const agent = () => outer(TEA)
    const key = await waiting(ledger, agent)
    expect(await ledger.effects.list({ tool: 'outer' })).toMatchObject([{ status: 'unknown', attempt: 1 }])
    await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toBe('inner of tea')
    expect(inner.done).toEqual(['tea'])
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('stops the run after the yes without a word of its tool', async () => {
    const ledger = temporaryLedger()
    const { inner, outer } = nested(swallow)
    const agent = () => outer(TEA)
    await ledger.approvals.approve(await waiting(ledger, agent))
    await expect(ledger.run({ ...ID, onError: 'keep' }, agent)).rejects.toThrow('Nobody knows whether "outer" happened')
    expect(inner.done).toEqual([])
  })

  test('is no answer for whoever joined it, either', async () => {
    const ledger = temporaryLedger()
    const { inner, outer } = nested(swallow, { onUnknown: 'retry' })
    const agent = () => Promise.all([outer(TEA), outer(TEA)])
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.run(ID, agent)).toEqual(['inner of tea', 'inner of tea'])
    expect(inner.done).toEqual(['tea'])
  })

  test('holds up a body that joined it', async () => {
    const ledger = temporaryLedger()
    const { inner, outer } = nested(swallow, { onUnknown: 'retry' })
    const beside = tool({
      name: 'beside',
      onUnknown: 'retry',
      execute: (_: typeof TEA) => outer(TEA).catch(() => 'a message to the model'),
    })
    const agent = () => Promise.all([outer(TEA), beside(TEA)])
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.effects.list({ tool: 'beside' })).toMatchObject([{ status: 'unknown' }])
    expect(await ledger.run(ID, agent)).toEqual(['inner of tea', 'inner of tea'])
    expect(inner.done).toEqual(['tea'])
  })

  test('holds up the bodies around it, through child runs too', async () => {
    const ledger = temporaryLedger()
    const { inner, outer: middle } = nested(swallow, { onUnknown: 'retry' })
    const child = () => ledger.run({ name: 'child' }, () => middle(TEA)).catch(swallow)
    const outer = tool({ name: 'around', onUnknown: 'retry', execute: (_: typeof TEA) => child() })
    const agent = () => outer(TEA)
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect((await ledger.effects.list({ status: 'unknown' })).map((effect) => effect.tool).sort()).toEqual([
      'around',
      'outer',
    ])
    expect(await ledger.run(ID, agent)).toBe('inner of tea')
    expect(inner.done).toEqual(['tea'])
  })

  test('is read again, if it is that of a read', async () => {
    const ledger = temporaryLedger()
    const { inner, outer } = nested(swallow, { effect: 'read' })
    const agent = () => outer(TEA)
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.run(ID, agent)).toBe('inner of tea')
    expect(inner.done).toEqual(['tea'])
  })

  test('leaves its effect unknown also if it ends after its time', async () => {
    const ledger = temporaryLedger({ graceMs: 1 })
    const { started, pass, open } = gate<string>()
    const inner = countedTool('inner', { approval: true })
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const outer = tool({
      name: 'outer',
      timeoutMs: 20,
      onUnknown: 'retry',
      execute: async (_: typeof TEA, { signal }) => {
        const asked = await inner(TEA).catch((error: unknown) => error)
        if (!ApprovalRequiredError.isInstance(asked) || signal.aborted) return asked
        try {
          return swallow(await pass())
        } finally {
          resolve()
        }
      },
    })
    const agent = () => outer(TEA)
    const run = waiting(ledger, agent)
    await started
    await eventually(async () =>
      expect(await ledger.effects.list({ tool: 'outer' })).toMatchObject([{ status: 'unknown' }]),
    )
    open('late')
    await ended
    await ledger.approvals.approve(await run)
    expect(await ledger.effects.list({ tool: 'outer' })).toMatchObject([{ status: 'unknown' }])
    expect(await ledger.run(ID, agent)).toBe('inner of tea')
    expect(inner.done).toEqual(['tea'])
  })
})

test('a body that returns a value after a question starts anew if its tool says that nothing had happened', async () => {
  const ledger = temporaryLedger()
  const { inner, outer } = nested(() => 'a message to the model', {
    certainty: (error) => (ApprovalRequiredError.isInstance(error) ? 'not_applied' : undefined),
  })
  const agent = () => outer(TEA)
  await ledger.approvals.approve(await waiting(ledger, agent))
  expect(await ledger.run(ID, agent)).toBe('inner of tea')
  expect(inner.done).toEqual(['tea'])
})

test('a body that begins by hand what needs an approval is told of that, and its value counts', async () => {
  const ledger = temporaryLedger()
  const inner = countedTool('inner', { approval: true })
  await ledger.run(ID, async (run) => {
    const outer = tool({ name: 'outer', execute: async (_: typeof TEA) => (await run.begin(inner, TEA)).kind })
    expect(await outer(TEA)).toBe('awaiting_approval')
  })
  expect(await ledger.effects.list({ tool: 'outer' })).toMatchObject([{ status: 'succeeded' }])
})
