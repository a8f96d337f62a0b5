import { LoopDetectedError } from '../../errors/loop-detected-error.ts'
import type { World } from '../../testing/world.ts'
import { tool } from '../callable-tool.ts'
import type { Run } from '../run.ts'
import { again } from './again.ts'

/** The agents that run/loops-resumed.test.ts kills and resumes: how often they went on before they were stopped. */

const RUN = { id: 'turn-1' }

/** A write: done once, and then answered from that. */
export function sendsAgain(world: World): Promise<number> {
  const send = tool({
    name: 'send',
    execute: () => {
      world.act('sent')
      return 'sent'
    },
  })
  return timesOf(world, send)
}

/** A read that fails each time, and names its request. */
export function failsAgain(world: World): Promise<number> {
  const fetch = tool({
    name: 'fetch',
    effect: 'read',
    execute: (): string => {
      world.act('fetched')
      throw new Error(`not there (request 123e4567-e89b-12d3-a456-42661417400${world.life})`)
    },
  })
  return timesOf(world, fetch)
}

async function timesOf(world: World, call: () => Promise<string>): Promise<number> {
  let times = 0
  const ended = world.ledger.run(RUN, async (run) => {
    times = await again(20, async (time) => {
      if (time === 4) await dies(world, run)
      return call()
    })
  })
  await ended.catch((error: unknown) => {
    if (!LoopDetectedError.isInstance(error)) throw error
  })
  return times
}

/** In a model call, before which the answers so far are put on record. */
async function dies(world: World, run: Run): Promise<void> {
  await run.call({ provider: 'test', model: 'test-1', request: { messages: ['and now?'] } }, async () => {
    world.reach('four times')
    return 'the same again'
  })
}
