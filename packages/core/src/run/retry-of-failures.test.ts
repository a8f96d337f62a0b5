import { createLedger, EffectFailedError, EffectUnknownError, memory, tool } from 'holdfast'
import { describe, expect, test } from 'vitest'

const open = () => createLedger({ store: memory() })

describe('a retried run', () => {
  test('runs a tool again that failed in a way nobody can judge, if it is declared safe, under the same downstream key', async () => {
    await using ledger = open()
    const keys: string[] = []
    const ship = tool({
      name: 'ship',
      onUnknown: 'retry',
      execute: (_: { order: number }, { idempotencyKey }) => {
        keys.push(idempotencyKey)
        if (keys.length === 1) throw new Error('carrier is confused')
        return 'shipped'
      },
    })
    const agent = () => ship({ order: 1 })
    await expect(ledger.run({ id: 'order' }, agent)).rejects.toThrow('carrier is confused')
    await expect(ledger.run({ id: 'order', retry: true }, agent)).resolves.toBe('shipped')
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
  })

  test('halts at it if it is not, until a human says what happened', async () => {
    await using ledger = open()
    let bodies = 0
    const ship = tool({
      name: 'ship',
      execute: (_: { order: number }) => {
        bodies++
        if (bodies === 1) throw new Error('carrier is confused')
        return 'shipped'
      },
    })
    const agent = () => ship({ order: 1 })
    await expect(ledger.run({ id: 'order' }, agent)).rejects.toThrow('carrier is confused')
    const halted = await ledger.run({ id: 'order', retry: true }, agent).catch((error: unknown) => error)
    expect(EffectUnknownError.isInstance(halted)).toBe(true)
    expect(bodies).toBe(1)
    await ledger.effects.resolve((halted as EffectUnknownError).key, { outcome: 'not_applied', by: 'ops' })
    await expect(ledger.run({ id: 'order', retry: true }, agent)).resolves.toBe('shipped')
    const [effect] = await ledger.effects.list({ runId: 'order' })
    expect(await ledger.effects.history(effect?.key ?? '')).toHaveLength(2)
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('serves a failure again that the agent had gone on from, and asks only the last one anew', async () => {
    await using ledger = open()
    const bodies: string[] = []
    const pay = tool({
      name: 'pay',
      execute: ({ card }: { card: string }) => {
        bodies.push(card)
        if (card === 'declined') throw new Error('card declined')
        return 'paid'
      },
    })
    const ship = tool({
      name: 'ship',
      effect: 'read',
      execute: () => {
        bodies.push('ship')
        if (bodies.filter((body) => body === 'ship').length === 1) throw new Error('no carrier')
        return 'shipped'
      },
    })
    const seen: unknown[] = []
    const agent = async () => {
      await pay({ card: 'declined' }).catch((error: unknown) => seen.push(error))
      await pay({ card: 'good' })
      return ship()
    }
    await expect(ledger.run({ id: 'order' }, agent)).rejects.toThrow('no carrier')
    await expect(ledger.run({ id: 'order', retry: true }, agent)).resolves.toBe('shipped')
    expect(bodies).toEqual(['declined', 'good', 'ship', 'ship'])
    expect(EffectFailedError.isInstance(seen[1])).toBe(true)
    expect(String(seen[1])).toBe(String(seen[0]))
  })

  test('of model calls that ran side by side asks only the one anew that failed', async () => {
    await using ledger = open()
    let asked = 0
    const agent = (run: { call: typeof import('./run.ts').Run.prototype['call'] }) =>
      Promise.all(
        ['a', 'b', 'c'].map((content) =>
          run.call({ provider: 'p', model: 'm', request: { messages: [{ role: 'user', content }] } }, async () => {
            asked++
            if (content === 'a' && asked <= 3) throw new Error('overloaded')
            return content
          }),
        ),
      )
    await expect(ledger.run({ id: 'r' }, agent)).rejects.toThrow('overloaded')
    await expect(ledger.run({ id: 'r', retry: true }, agent)).resolves.toEqual(['a', 'b', 'c'])
    expect(asked).toBe(4)
  })

  test('retries the child that made it fail', async () => {
    await using ledger = open()
    let tries = 0
    const agent = () =>
      ledger.run({ name: 'child' }, async () => {
        tries++
        if (tries === 1) throw new Error('not yet')
        return 'done'
      })
    await expect(ledger.run({ id: 'parent' }, agent)).rejects.toThrow('not yet')
    await expect(ledger.run({ id: 'parent', retry: true }, agent)).resolves.toBe('done')
  })
})

describe('a body that is tried again', () => {
  test('asks its model anew after the call that failed it, and is served the calls before', async () => {
    await using ledger = open()
    const asked: string[] = []
    const ask = (run: { call: typeof import('./run.ts').Run.prototype['call'] }, content: string) =>
      run.call({ provider: 'p', model: 'm', request: { messages: [{ role: 'user', content }] } }, async () => {
        asked.push(content)
        if (content === 'second' && asked.length === 2) throw Object.assign(new Error('overloaded'), { status: 503 })
        return content
      })
    const { currentRun } = await import('holdfast')
    const research = tool({
      name: 'research',
      retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 1 } },
      execute: async (_: { topic: string }) => [await ask(currentRun(), 'first'), await ask(currentRun(), 'second')],
    })
    await expect(ledger.run({ id: 'r' }, () => research({ topic: 'x' }))).resolves.toEqual(['first', 'second'])
    expect(asked).toEqual(['first', 'second', 'second'])
  })

  test('tries its child run again that failed', async () => {
    await using ledger = open()
    let executed = 0
    const research = tool({
      name: 'research',
      retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 1 } },
      execute: () =>
        ledger.run({ name: 'child' }, () => {
          executed++
          if (executed < 3) throw Object.assign(new Error('overloaded'), { code: 'ECONNRESET' })
          return 'found'
        }),
    })
    await expect(ledger.run({ id: 'r' }, () => research())).resolves.toBe('found')
    expect(executed).toBe(3)
    const children = await ledger.runs.list({ parent: 'r' })
    expect(children).toMatchObject([{ status: 'completed', attempt: 3 }])
  })
})
