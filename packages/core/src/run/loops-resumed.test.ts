import { describe, expect, test } from 'vitest'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { interrupted } from '../testing/interrupted.ts'
import { Story, temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'
import { again } from './testing/again.ts'
import * as agents from './testing/looping-agents.ts'

const MODULE = new URL('./testing/looping-agents.ts', import.meta.url)
const ID = { id: 'turn-1' }

describe('a run that was killed after four equal answers', () => {
  test('is stopped at the sixth, and no sooner', async () => {
    const story = new Story(MODULE, agents.sendsAgain)
    await story.killedAt('four times')
    expect(await story.resumed()).toBe(5)
    expect(story.acts).toEqual(['1: sent'])
  })

  test('is stopped there too if the answers were failures, whatever request they name', async () => {
    const story = new Story(MODULE, agents.failsAgain)
    await story.killedAt('four times')
    expect(await story.resumed()).toBe(5)
    expect(story.acts).toHaveLength(5)
  })
})

function searching() {
  let searches = 0
  const search = tool({
    name: 'search',
    effect: 'read',
    execute: (_: { query: string }) => {
      searches++
      return 'nothing'
    },
  })
  return { search: () => search({ query: 'x' }), searches: () => searches }
}

describe('a resumed run', () => {
  test('is not stopped for its crashes: each execution is the same calls again', async () => {
    const ledger = temporaryLedger()
    const { search, searches } = searching()
    for (let life = 0; life < 8; life++) await interrupted(ledger, 'turn-1', () => again(5, search))
    expect(await ledger.run(ID, () => again(5, search))).toBe(5)
    expect(searches()).toBe(5)
  })

  test('is advised where it was, so that its model is asked the same, and tells nobody again', async () => {
    const ledger = temporaryLedger()
    const { search } = searching()
    const events: unknown[] = []
    ledger.on('loop-advised', (event) => events.push(event))
    const advised = async (run: Run, times: number) => {
      const advice: (string | undefined)[] = []
      for (let time = 0; time < times; time++) {
        await search()
        advice.push(run.loops.takeAdvice('search'))
      }
      return advice
    }
    const first: unknown[] = []
    await interrupted(ledger, 'turn-1', async (run) => first.push(...(await advised(run, 5))))
    expect(await ledger.run(ID, (run) => advised(run, 5))).toEqual(first)
    expect(first.at(-1)).toContain('5 times in a row')
    expect(events).toHaveLength(1)
  })

  test('knows when its answers were given, where that matters', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, limits: { loop: { windowMs: 60_000, repeats: 3, cycle: 1 } } })
    const { search } = searching()
    const note = tool({ name: 'note', execute: ({ n }: { n: number }) => n })
    const agent = async () => {
      for (let n = 0; n < 3; n++) {
        await search()
        await note({ n })
      }
    }
    await interrupted(ledger, 'soon', agent)
    await interrupted(ledger, 'late', agent)
    await clock.advance(1_000)
    const goesOn = (id: string) => ledger.run({ id }, () => agent().then(() => search()))
    await expect(goesOn('soon')).rejects.toMatchObject({ detector: 'window', callCount: 4 })
    await clock.advance(60_000)
    expect(await goesOn('late')).toBe('nothing')
  })
})

describe('the next attempt of a run that was stopped', () => {
  test('is served what it had, and may go on as long as any other', async () => {
    const ledger = temporaryLedger()
    const { search, searches } = searching()
    const agent = () => again(20, search)
    await expect(ledger.run({ ...ID, onError: 'keep' }, agent)).rejects.toThrow(LoopDetectedError)
    expect(searches()).toBe(5)
    let times: number | undefined
    const retried = ledger.run({ ...ID, retry: true, onError: 'keep' }, async () => {
      times = await agent()
    })
    await expect(retried).rejects.toThrow(LoopDetectedError)
    expect([times, searches()]).toEqual([10, 10])
  })
})
