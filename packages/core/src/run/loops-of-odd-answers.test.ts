import { describe, expect, test } from 'vitest'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { gate } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { tool } from './callable-tool.ts'
import { again } from './testing/again.ts'
import { endingOf } from './testing/ending-of.ts'

const ID = { id: 'turn-1' }

class Job {
  readonly #percent: number
  constructor(percent: number) {
    this.#percent = percent
  }
  get percent(): number {
    return this.#percent
  }
}

describe('an answer that no store can keep', () => {
  test.each([
    ['an instance with a private state', (n: number) => new Job(n)],
    ['a response', (n: number) => new Response(`${n}`)],
    ['a function', (n: number) => () => n],
  ])('is another one each time: %s', async (_, make) => {
    const ledger = temporaryLedger()
    let n = 0
    const poll = tool({ name: 'poll', effect: 'read', execute: (): unknown => make(n++) })
    const act = tool({ name: 'act', repeatable: true, execute: (): unknown => make(n++) })
    const agent = async () => {
      expect(await again(9, () => poll())).toBe(9)
      expect(await again(9, () => act())).toBe(9)
    }
    await interrupted(ledger, 'turn-1', agent)
    await ledger.run(ID, agent)
  })

  test('is none where it is what was done before', async () => {
    const ledger = temporaryLedger()
    const open = tool({ name: 'open', execute: (): unknown => () => 1 })
    expect(await endingOf(ledger, ID, () => again(20, () => open()))).toBeInstanceOf(LoopDetectedError)
  })
})

describe('an agent that is thrown the same again and again without an outcome', () => {
  test.each([
    ['because arguments make no key', tool({ name: 'pay', keys: ['id'], execute: (_: unknown) => 1 })],
    ['because arguments cannot be stored', tool({ name: 'pay', execute: (_: unknown) => 1 })],
  ])('is stopped: %s', async (_, pay) => {
    const ledger = temporaryLedger()
    let times: number | undefined
    const error = await endingOf(ledger, ID, async () => {
      times = await again(50, () => pay({ callback: () => 1 }))
    })
    expect([times, error]).toEqual([5, expect.any(LoopDetectedError)])
  })

  test('because of a pace is stopped, however long it has to wait each time', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock, limits: { rate: { effects: 1, perMs: 3_600_000 } } })
    let n = 0
    const look = tool({ name: 'look', effect: 'read', execute: () => ++n })
    let times: number | undefined
    const error = await endingOf(ledger, ID, async () => {
      await look()
      times = await again(50, async () => {
        await clock.advance(1_032)
        return look()
      })
    })
    expect([times, error]).toEqual([5, expect.any(LoopDetectedError)])
  })

  test('because it is done elsewhere goes on: that is waiting', async () => {
    const ledger = temporaryLedger({ wait: { onBusy: 'throw' } })
    const body = gate<string>()
    const slow = tool({ name: 'slow', execute: body.pass })
    let times: number | undefined
    const error = await endingOf(ledger, ID, async () => {
      const first = slow()
      await body.started
      times = await again(50, () => slow())
      body.open('done')
      await first
    })
    expect([times, error]).toEqual([50, undefined])
  })

  test('because a limit has stopped it hears that, and of no loop', async () => {
    const ledger = temporaryLedger({ limits: { effects: 1 } })
    const look = tool({ name: 'look', effect: 'read', execute: () => 'same' })
    const error = await endingOf(ledger, ID, () => again(9, () => look()))
    expect(error).toMatchObject({ code: 'limit-exceeded' })
  })
})
