/**
 * What the seeds must be beaten at where agents go round in circles: O1, and weakness 8 of AgentFuse (a counter in memory
 * that only ever grows, and looks at nothing but a call's words). "Durable and shared" means here: rebuilt from the answers
 * on resume, and counted by each process of a shared run. Then what AgentFuse's own document shows.
 */
import { createLedger, type Ledger, LoopDetectedError, loopGuard, ManualClock, memory, type Run, tool } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { fileLedger, memoryLedger, temporaryFolder } from './support/ledgers.ts'

/** After how many calls it was stopped, and by what. */
async function untilStopped(most: number, call: (time: number) => unknown) {
  for (let time = 0; time < most; time++) {
    try {
      await call(time)
    } catch (error) {
      const stopped = LoopDetectedError.find(error)
      if (stopped !== undefined) return { calls: time, stopped }
    }
  }
  return { calls: most, stopped: undefined }
}

/** A run whose end, also by what stopped it, is of no interest. */
async function inRun<T>(ledger: Ledger, id: string, agent: (run: Run) => Promise<T>): Promise<T> {
  let given: T | undefined
  await ledger
    .run({ id }, async (run) => {
      given = await agent(run)
    })
    .catch((error: unknown) => {
      if (!LoopDetectedError.isInstance(error)) throw error
    })
  return given as T
}

function search(answer: (time: number) => unknown) {
  let time = 0
  return tool({ name: 'search', effect: 'read', execute: (_: { query: string }) => answer(time++) })
}

describe('O1', () => {
  test('consecutive: the same call with the same answer', async () => {
    const empty = search(() => [])
    const { calls, stopped } = await inRun(memoryLedger(), 'o1', () => untilStopped(20, () => empty({ query: 'x' })))
    expect([calls, stopped?.detector]).toEqual([5, 'repeats'])
  })

  test('windowed: whatever is called in between, within a time and no longer', async () => {
    const clock = new ManualClock()
    const ledger = memoryLedger({ clock, limits: { loop: { windowMs: 60_000 } } })
    const empty = search(() => [])
    const note = tool({ name: 'note', execute: ({ line }: { line: string }) => line })
    const agent = (id: string, pauseMs: number) =>
      inRun(ledger, id, () =>
        untilStopped(20, async (time) => {
          await empty({ query: 'x' })
          await note({ line: `${id} ${time}` })
          await clock.advance(pauseMs)
        }),
      )
    expect(await agent('often', 1_000)).toMatchObject({ calls: 5, stopped: { detector: 'window', windowMs: 60_000 } })
    expect(await agent('seldom', 15_000)).toMatchObject({ calls: 20 })
  })

  test.each([2, 3, 4])('cycles of %i calls', async (period) => {
    const tools = ['a', 'b', 'c', 'd'].map((name) => tool({ name, effect: 'read', execute: () => `of ${name}` }))
    const agent = () => untilStopped(50, (time) => tools[time % period]?.())
    const { calls, stopped } = await inRun(memoryLedger(), 'o1', agent)
    expect([calls, stopped?.detector]).toEqual([5 * period, 'cycle'])
    expect(stopped?.pattern).toBe(['a', 'b', 'c', 'd'].slice(0, period).join(' → '))
  })

  test('stagnation: the same result for whatever is asked', async () => {
    const empty = search(() => [])
    const ledger = memoryLedger({ limits: { loop: { sameResult: 4 } } })
    const agent = () => untilStopped(20, (time) => empty({ query: `attempt ${time}` }))
    expect(await inRun(ledger, 'o1', agent)).toMatchObject({ calls: 4, stopped: { detector: 'stagnation' } })
  })

  test('polling with changing results does not trip', async () => {
    const poll = search((time) => ({ status: time < 49 ? 'running' : 'done', log: `line ${time}` }))
    expect(await inRun(memoryLedger(), 'o1', () => untilStopped(50, () => poll({ query: 'ci' })))).toMatchObject({
      calls: 50,
    })
  })

  test('exempt tools and volatile arguments', async () => {
    const empty = search(() => [])
    const wait = tool({ name: 'wait', effect: 'read', execute: () => 'waited' })
    const ledger = memoryLedger({ limits: { loop: { exempt: ['wait'], ignore: ['query'] } } })
    const agent = () =>
      untilStopped(20, async (time) => {
        await wait()
        await empty({ query: `trace ${time}` })
      })
    expect(await inRun(ledger, 'o1', agent)).toMatchObject({ calls: 5 })
  })

  test('counters are rebuilt from the answers: who dies after four is stopped at the sixth', async () => {
    const folder = temporaryFolder()
    const send = tool({ name: 'send', execute: () => 'sent' })
    const dying = fileLedger(folder)
    const stop = new AbortController()
    const first = dying.run({ id: 'o1', signal: stop.signal }, async () => {
      await untilStopped(4, () => send())
      stop.abort(new Error('killed'))
      throw new Error('killed')
    })
    await expect(first).rejects.toThrow('killed')
    await dying.close()
    expect(await inRun(fileLedger(folder), 'o1', () => untilStopped(20, () => send()))).toMatchObject({
      calls: 5,
      stopped: { callCount: 6 },
    })
  })

  test('counters are kept by each process of a shared run, for what its own agent is told', async () => {
    const folder = temporaryFolder()
    const send = tool({ name: 'send', execute: () => 'sent' })
    const workers = await Promise.all(
      [fileLedger(folder), fileLedger(folder)].map((ledger) => ledger.open({ id: 'o1', shared: true })),
    )
    for (const worker of workers) {
      expect(await untilStopped(4, () => worker.perform(send, undefined))).toMatchObject({ calls: 4 })
      expect(worker.loops.counts()).toMatchObject([{ tool: 'send', count: 4 }])
    }
  })

  test('memory is bounded', async () => {
    const note = tool({ name: 'note', effect: 'read', execute: ({ text }: { text: string }) => text })
    const counts = await inRun(memoryLedger(), 'o1', async (run) => {
      for (let n = 0; n < 300; n++) await note({ text: 'x'.repeat(10 * n) })
      return run.loops.counts()
    })
    expect(counts).toHaveLength(64)
    expect(Math.max(...counts.map(({ signature }) => signature.length))).toBeLessThan(300)
  })

  test('first a message to the model, then an error', async () => {
    const empty = search(() => [])
    const messages = await inRun(memoryLedger(), 'o1', async (run) => {
      const said: (string | undefined)[] = []
      await untilStopped(20, async () => {
        await empty({ query: 'x' })
        said.push(run.loops.takeAdvice('search'))
      })
      return said
    })
    const nothing = Array.from({ length: 4 }, () => undefined)
    expect(messages).toEqual([...nothing, expect.stringContaining('Going on like that stops the run.')])
  })
})

describe('AgentFuse 8', () => {
  test('a call that was made often, but not in a row, is no loop', async () => {
    const look = search(() => 'the same')
    const edit = tool({ name: 'edit', execute: ({ n }: { n: number }) => `edit ${n}` })
    const agent = () =>
      untilStopped(30, async (n) => {
        await look({ query: 'x' })
        await edit({ n })
      })
    expect(await inRun(memoryLedger(), 'af8', agent)).toMatchObject({ calls: 30 })
  })

  test('arguments that are no JSON, a method’s own object among them, are no TypeError', async () => {
    const ledger = memoryLedger()
    class Browser {
      readonly #pages = new Map<string, number>()
      open = loopGuard(ledger, 'open', (self: Browser, onDone: () => void, big: bigint) => {
        onDone()
        return self.#pages.size + Number(big)
      })
    }
    const browser = new Browser()
    expect(await untilStopped(20, () => browser.open(browser, () => undefined, 5n))).toMatchObject({ calls: 5 })
  })

  test('runs do not count for each other, and neither do ledgers', async () => {
    const [one, other] = [memoryLedger(), memoryLedger()]
    const empty = search(() => [])
    const guarded = [one, other].map((ledger) => loopGuard(ledger, 'search-web', () => 'nothing'))
    for (const id of ['a', 'b', 'c']) {
      expect(await inRun(one, id, () => untilStopped(5, () => empty({ query: 'x' })))).toMatchObject({ calls: 5 })
    }
    for (const search of guarded) expect(await untilStopped(20, () => search())).toMatchObject({ calls: 5 })
  })
})

describe('the document of AgentFuse', () => {
  test('check_loop: raises after five identical calls, and says the signature', async () => {
    const ledger = createLedger({ store: memory(), limits: { loop: { repeats: 5 } } })
    const tools: Record<string, (args: { query: string }) => string> = {
      search: ({ query }) => `nothing about ${query}`,
    }
    const executed: string[] = []
    const executeTool = async (run: Run, name: string, args: { query: string }) => {
      await run.checkLoop(name, args)
      executed.push(tools[name]?.(args) ?? '')
    }
    const stopped = await inRun(ledger, 'fuse', async (run) => {
      await executeTool(run, 'search', { query: 'rust' })
      return untilStopped(20, () => executeTool(run, 'search', { query: 'python' }))
    })
    expect(stopped.calls).toBe(5)
    expect(executed).toHaveLength(6)
    const { callCount, signature, pattern } = stopped.stopped as LoopDetectedError
    expect({ callCount, signature, pattern }).toEqual({
      callCount: 6,
      signature: 'search|{"query":"python"}',
      pattern: 'search',
    })
    await ledger.close()
  })

  test('@loop_guard(): works up to five times with the same arguments, and others have a counter of their own', async () => {
    const ledger = memoryLedger()
    const searchWeb = loopGuard(ledger, function searchWeb(query: string): string[] {
      return [`nothing about ${query}`]
    })
    for (let call = 1; call <= 5; call++)
      expect(searchWeb('python tutorial')).toEqual(['nothing about python tutorial'])
    expect(() => searchWeb('python tutorial')).toThrow(LoopDetectedError)
    expect(searchWeb('rust tutorial')).toEqual(['nothing about rust tutorial'])
  })

  test('loop_threshold, and loop_detection_enabled=False', async () => {
    const strict = memoryLedger({ limits: { loop: { repeats: 2 } } })
    const off = memoryLedger({ limits: { loop: false } })
    const empty = search(() => [])
    const agent = () => untilStopped(20, () => empty({ query: 'x' }))
    expect(await inRun(strict, 'strict', agent)).toMatchObject({ calls: 2 })
    expect(await inRun(off, 'off', agent)).toMatchObject({ calls: 20 })
  })
})
