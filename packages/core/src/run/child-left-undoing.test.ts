import { expect, test } from 'vitest'
import { tools } from '../resume/testing/order.ts'
import { Story } from '../testing/story.ts'
import { goingOn } from './testing/failing-child.ts'

const GOING_ON = new URL('./testing/failing-child.ts', import.meta.url)

test.each(['in-compensation', 'after-compensation'])(
  'a resumed run finishes the compensation of its child that was killed %s, and goes on',
  async (point) => {
    const story = new Story(GOING_ON, goingOn)
    await story.killedAt(point)
    const acts: string[] = []
    const { pay } = tools({ act: (what) => void acts.push(what), reach: () => undefined })
    expect(await story.resumed({ tools: [pay] })).toContain('the shop is closed')
    expect([acts, story.newActs]).toEqual([['undo pay a'], []])
    const ledger = story.ledger()
    expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['compensated', 'completed'])
    expect((await ledger.verify()).problems).toEqual([])
  },
)
