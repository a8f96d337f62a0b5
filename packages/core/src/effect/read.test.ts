import { describe, expect, test } from 'vitest'
import { tool } from '../run/callable-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { EffectContext } from '../tool/tool-definition.ts'

describe('the signal of a read', () => {
  test('is aborted with its run', async () => {
    const ledger = temporaryLedger()
    const caller = new AbortController()
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>()
    const look = tool({
      name: 'look',
      effect: 'read',
      execute: async (_: undefined, { signal }: EffectContext) => {
        signal.addEventListener('abort', () => resolve(signal.reason))
        caller.abort('closed')
        await aborted
      },
    })
    await ledger.run({ id: 'turn-1', signal: caller.signal }, () => look(undefined)).catch(() => undefined)
    expect(await aborted).toBe('closed')
  })

  test('is a new one in each attempt: a timeout of one does not end the next', async () => {
    const ledger = temporaryLedger()
    const seen: boolean[] = []
    const look = tool({
      name: 'look',
      effect: 'read',
      timeoutMs: 20,
      retry: { attempts: 3, backoff: { initialMs: 1 } },
      execute: async (_: undefined, { signal }: EffectContext) => {
        seen.push(signal.aborted)
        if (seen.length > 1) return 'seen'
        return new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    expect(await ledger.run({ id: 'turn-1' }, () => look(undefined))).toBe('seen')
    expect(seen).toEqual([false, false])
  })
})

test('a read whose retry.when stumbles over its error fails with that error, after one attempt', async () => {
  const ledger = temporaryLedger()
  let tries = 0
  const look = tool({
    name: 'look',
    effect: 'read',
    retry: {
      attempts: 3,
      backoff: { initialMs: 1 },
      when: () => {
        throw new TypeError('no such member')
      },
    },
    execute: (_: undefined) => {
      tries++
      throw new Error('unreadable')
    },
  })
  await expect(ledger.run({ id: 'turn-1' }, () => look(undefined))).rejects.toThrow('unreadable')
  expect(tries).toBe(1)
  expect((await ledger.runs.export('turn-1')).answers).toMatchObject([{ kind: 'read', failed: true }])
})
