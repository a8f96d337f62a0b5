import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { type TailEntry, type TailQuery, tailEntries } from './tail-entries.ts'
import { openStore, RecordedRun } from './testing/recorded-run.ts'

const told = ({ stream, number, kind }: TailEntry): string => `${stream} ${number} ${kind}`

async function setUp() {
  const clock = new ManualClock()
  const store = openStore(clock)
  const read = async (query: TailQuery) => {
    const entries: TailEntry[] = []
    for await (const entry of tailEntries({ store }, clock, { follow: false, ...query })) entries.push(entry)
    return entries
  }
  return { clock, store, read }
}

describe('a tail that does not follow', () => {
  test('reads one run, or all streams, up to the present', async () => {
    const { clock, store, read } = await setUp()
    const one = await RecordedRun.open(store, clock, 'r1')
    const other = await RecordedRun.open(store, clock, 'r2')
    await one.succeed('pay', 1)
    await other.close('completed')
    expect((await read({ runId: 'r1' })).map(told)).toEqual([
      'r1 1 run-opened',
      'r1 2 effect-claimed',
      'r1 3 effect-succeeded',
    ])
    const all = (await read({})).map(told)
    expect(all.filter((line) => line.startsWith('r1'))).toEqual([
      'r1 1 run-opened',
      'r1 2 effect-claimed',
      'r1 3 effect-succeeded',
    ])
    expect(all.filter((line) => line.startsWith('r2'))).toEqual(['r2 1 run-opened', 'r2 2 run-closed'])
    expect(await read({ runId: 'nobody' })).toEqual([])
    expect(await read({ from: 'now' })).toEqual([])
  })

  test('says when, about which effect, and what', async () => {
    const { clock, store, read } = await setUp()
    const run = await RecordedRun.open(store, clock, 'r1')
    await run.fail('pay', new Error('declined'))
    const [, claimed, failed] = await read({ runId: 'r1' })
    expect(claimed).toMatchObject({ at: new Date(clock.now()), detail: { tool: 'pay', attempt: 1, generation: 1 } })
    expect(claimed?.key).toMatch(/^1\./)
    expect(failed?.key).toBe(claimed?.key)
  })

  test('goes on after the entry whose cursor it is given, whatever was written since', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        fc.array(fc.nat(3)),
        async (early, cut, late) => {
          const { clock, store, read } = await setUp()
          const runs = await Promise.all([0, 1, 2, 3].map((index) => RecordedRun.open(store, clock, `r${index}`)))
          let count = 0
          const write = async (indexes: number[]) => {
            for (const index of indexes) await runs[index]?.succeed('pay', 1, { key: `k${count++}` })
          }
          await write(early)
          const before = await read({})
          const position = cut % before.length
          await write(late)
          const after = await read({ from: before[position]?.cursor ?? '' })
          const all = [...before.slice(0, position + 1), ...after].map(told)
          expect(new Set(all).size).toBe(all.length)
          expect(new Set(all)).toEqual(new Set((await read({})).map(told)))
        },
      ),
      { numRuns: 25 },
    )
  })

  test('refuses a cursor of another kind', async () => {
    const { clock, store, read } = await setUp()
    await RecordedRun.open(store, clock, 'r1')
    const [entry] = await read({})
    await expect(read({ runId: 'r1', from: entry?.cursor ?? '' })).rejects.toThrow(ConfigError)
    await expect(read({ from: 'r1' })).rejects.toThrow(ConfigError)
  })
})

describe('a tail that follows', () => {
  test.each([{ runId: 'r1' }, {}])(
    'hears of what comes later, and ends at once when it is aborted: %j',
    async (query) => {
      const { clock, store } = await setUp()
      const run = await RecordedRun.open(store, clock, 'r1')
      const controller = new AbortController()
      const heard: string[] = []
      const reading = (async () => {
        for await (const entry of tailEntries({ store }, clock, { ...query, from: 'now', signal: controller.signal }))
          heard.push(told(entry))
      })()
      await clock.advance(5_000)
      expect(heard).toEqual([])
      await run.succeed('pay', 1)
      await clock.advance(1_000)
      expect(heard).toEqual(['r1 2 effect-claimed', 'r1 3 effect-succeeded'])
      controller.abort()
      await reading
      expect(clock.pending).toBe(0)
    },
  )

  test('looks seldom while nothing happens, and often once something has', async () => {
    const { clock, store } = await setUp()
    const run = await RecordedRun.open(store, clock, 'r1')
    const controller = new AbortController()
    const looks: number[] = []
    const watched = {
      ...{ listEffects: store.listEffects.bind(store), tail: store.tail.bind(store) },
      listEntries: (...query: Parameters<typeof store.listEntries>) => {
        looks.push(clock.now())
        return store.listEntries(...query)
      },
    }
    const query = { runId: 'r1', from: 'now', signal: controller.signal }
    const heard: number[] = []
    const reading = (async () => {
      for await (const _ of tailEntries({ store: watched }, clock, query)) heard.push(clock.now())
    })()
    await clock.advance(10_000)
    expect(looks.length).toBeLessThan(20)
    await run.succeed('pay', 1)
    await clock.advance(1_100)
    const later = looks.filter((at) => at > (heard[0] ?? 0))
    expect(later[0]).toBe((heard[0] ?? 0) + 50)
    controller.abort()
    await reading
  })

  test('ends when its reader has had enough', async () => {
    const { clock, store } = await setUp()
    await RecordedRun.open(store, clock, 'r1')
    for await (const entry of tailEntries({ store }, clock)) {
      expect(told(entry)).toBe('r1 1 run-opened')
      break
    }
    expect(clock.pending).toBe(0)
  })

  test('is over before it begins when its signal has been aborted', async () => {
    const { clock, store } = await setUp()
    await RecordedRun.open(store, clock, 'r1')
    for await (const entry of tailEntries({ store }, clock, { signal: AbortSignal.abort() }))
      expect(entry).toBeUndefined()
  })
})
