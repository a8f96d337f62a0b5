import { describe, expect, test } from 'vitest'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { Story } from '../testing/story.ts'
import * as agents from './testing/approving-agents.ts'
import { pendingOf } from './testing/waiting-run.ts'

const MODULE = new URL('./testing/approving-agents.ts', import.meta.url)
const CHARGED = 'charge of tea'

describe('a process that was killed', () => {
  test('when it had just asked: the question stays, and nothing executes before the answer', async () => {
    const story = new Story(MODULE, agents.asking)
    await story.killedAt('requested')
    await expect(story.resumed()).rejects.toThrow('needs an approval')
    const ledger = story.ledger()
    const [question, ...others] = await pendingOf(ledger)
    expect([others, story.acts]).toEqual([[], []])
    expect(await ledger.approvals.approve(question?.key ?? '')).toBe(true)
    expect([await story.resumed(), story.acts]).toEqual([CHARGED, ['3: charged tea']])
  })

  test('between the yes and the wake: the yes counts, and the effect executes once', async () => {
    const story = new Story(MODULE, agents.repeating)
    await story.killedAt('approved')
    expect([await story.resumed(), story.acts]).toEqual([CHARGED, ['2: charged tea']])
  })

  test.each([
    ['claimed', ['2: charged tea']],
    ['charged', ['1: charged tea', '2: charged tea']],
  ])('after the yes, when it had %s: a tool that is safe to repeat needs no other yes', async (point, acts) => {
    const story = new Story(MODULE, agents.repeating)
    await story.killedAt(point)
    expect([await story.resumed(), story.acts]).toEqual([CHARGED, acts])
    expect(await story.ledger().effects.list()).toMatchObject([{ status: 'succeeded', generation: 1, attempt: 2 }])
  })

  test.each([
    ['claimed', []],
    ['charged', ['1: charged tea']],
  ])('after the yes, when it had %s: nothing else is done again, whoever approved it', async (point, acts) => {
    const story = new Story(MODULE, agents.halting)
    await story.killedAt(point)
    await expect(story.resumed()).rejects.toThrow(EffectUnknownError)
    expect(story.acts).toEqual(acts)
  })

  test('between its claim by hand and the request for an approval: taken over, it still needs one', async () => {
    const story = new Story(MODULE, agents.beganByHand)
    await story.killedAt('begun')
    await expect(story.resumed()).rejects.toThrow('needs an approval')
    expect(story.acts).toEqual([])
    const ledger = story.ledger()
    const [question] = await pendingOf(ledger)
    await ledger.approvals.approve(question?.key ?? '')
    expect([await story.resumed(), story.acts]).toEqual([CHARGED, ['3: charged tea']])
  })
})
