import { NotAppliedError } from '../../errors/not-applied-error.ts'
import type { World } from '../../testing/world.ts'
import { tool } from '../callable-tool.ts'

/** The agents that run/resume.test.ts kills and resumes. */

const RUN = { id: 'turn-1' }

/** A charge keyed by all of its arguments, as a model words them. */
function charging(world: World) {
  return tool({
    name: 'charge',
    execute: ({ note }: { note: string }) => {
      world.act(`charged ${note}`)
      return `charge of ${note}`
    },
  })
}

export function concurrentCalls(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, async (run) => {
    // In the second life the questions are asked in the other order.
    const questions = world.life === 1 ? ['tea', 'milk'] : ['milk', 'tea']
    const strand = async (question: string) => {
      const note = await world.ask(run, { messages: [question] }, `${question}, worded in life ${world.life}`)
      return charge({ note })
    }
    const charged = await Promise.all(questions.map(strand))
    world.reach('charged')
    return charged.sort()
  })
}

export function callInsideTool(world: World): Promise<unknown> {
  const charge = charging(world)
  const research = tool({
    name: 'research',
    onUnknown: 'retry',
    execute: async ({ topic }: { topic: string }) => {
      const { currentRun } = await import('../current-run.ts')
      const note = await world.ask(currentRun(), { messages: [topic] }, `${topic} in life ${world.life}`)
      world.reach('inner call answered')
      const charged = await charge({ note })
      world.reach('inner effect done')
      return charged
    },
  })
  return world.ledger.run(RUN, async (run) => {
    const found = await research({ topic: 'tea' })
    world.reach('tool done')
    const note = await world.ask(run, { messages: ['tea?', found] }, `the answer of life ${world.life}`)
    const charged = await charge({ note })
    world.reach('all done')
    return [found, charged]
  })
}

export function timeInPrompt(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, async (run) => {
    const now = world.life === 1 ? '2026-11-20T09:15:00Z (Friday, 9:15 am)' : '2026-11-21T18:40:31Z (Friday, 6:40 pm)'
    const request = { system: `Today is ${now}.`, messages: [{ role: 'user', content: 'Buy tea' }] }
    const note = await world.ask(run, request, `tea in life ${world.life}`)
    const charged = await charge({ note })
    world.reach('charged')
    return charged
  })
}

export function failureThenSuccess(world: World): Promise<unknown> {
  let tries = 0
  const charge = tool({
    name: 'charge',
    execute: ({ note }: { note: string }) => {
      world.act(`charge of ${note} asked for`)
      if (++tries === 1) throw new NotAppliedError('Your card was declined.')
      return `charge of ${note}`
    },
  })
  return world.ledger.run(RUN, async (run) => {
    const transcript: string[] = []
    const pay = () => charge({ note: 'tea' }).catch((error: Error) => error.message)
    transcript.push(await pay())
    transcript.push(await world.ask(run, { messages: [...transcript] }, `try again, says life ${world.life}`))
    transcript.push(await pay())
    transcript.push(await world.ask(run, { messages: [...transcript] }, `well done, says life ${world.life}`))
    world.reach('paid')
    return transcript
  })
}

/** The outside that is read is the number of edits made. */
let edits = 0

export function readsAroundAnEdit(world: World): Promise<unknown> {
  const readFile = tool({
    name: 'read-file',
    effect: 'read',
    execute: ({ path }: { path: string }) => {
      world.act(`read ${path}`)
      return `${path} after ${edits} edits in life ${world.life}`
    },
  })
  const edit = tool({
    name: 'edit',
    execute: ({ path }: { path: string }) => {
      world.act(`edited ${path}`)
      edits++
      return 'done'
    },
  })
  return world.ledger.run(RUN, async (run) => {
    const before = await readFile({ path: 'a.ts' })
    await edit({ path: 'a.ts' })
    const after = await readFile({ path: 'a.ts' })
    const note = await world.ask(run, { messages: [before, after] }, 'looks good')
    world.reach('reviewed')
    return [before, after, note, await readFile({ path: 'a.ts' })]
  })
}

/** A framework that runs a tool as soon as its call has arrived, while the model still streams. */
async function streamed(world: World, charge: (args: { orderId: number; note: string }) => Promise<string>) {
  return world.ledger.run(RUN, (run) =>
    world.ask(run, { messages: ['Buy tea'] }, async () => {
      const charged = await charge({ orderId: 1, note: `worded in life ${world.life}` })
      world.reach('charged, model still talking')
      return charged
    }),
  )
}

export function effectInsideStream(world: World): Promise<unknown> {
  return streamed(
    world,
    tool({
      name: 'charge',
      execute: ({ note }: { orderId: number; note: string }) => {
        world.act(`charged ${note}`)
        return `charge ${note}`
      },
    }),
  )
}

export function keyedEffectInsideStream(world: World): Promise<unknown> {
  return streamed(
    world,
    tool({
      name: 'charge',
      keys: ['orderId'],
      execute: ({ note }: { orderId: number; note: string }) => {
        world.act(`charged ${note}`)
        return `charge ${note}`
      },
    }),
  )
}

export function changedPrompt(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, async (run) => {
    const system = world.life === 1 ? 'You are a shop.' : 'You are a friendly shop.'
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: 'Buy tea' },
    ]
    const note = await world.ask(run, { messages }, `tea in life ${world.life}`)
    const charged = await charge({ note })
    world.reach('charged')
    return charged
  })
}

export function changedParameters(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, async (run) => {
    const request = { messages: ['Buy tea'], temperature: world.life === 1 ? 0 : 1, tools: [{ name: 'charge' }] }
    const note = await world.ask(run, request, `tea in life ${world.life}`)
    const charged = await charge({ note })
    world.reach('charged')
    return charged
  })
}

export function children(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, async () => {
    const child = (note: string) => world.ledger.run({ name: 'shopper', input: { note } }, () => charge({ note }))
    const first = await child('tea')
    const same = await child('tea')
    world.reach('two children done')
    return [first, same, await child('milk')]
  })
}

export function childKilledInside(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, () =>
    world.ledger.run({ name: 'shopper' }, async (child) => {
      const note = await world.ask(child, { messages: ['What?'] }, `tea in life ${world.life}`)
      const charged = await charge({ note })
      world.reach('charged in the child')
      return [child.id, charged]
    }),
  )
}

export function recordedValues(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, async (run) => {
    const dice = await run.value('dice', () => {
      world.act('rolled')
      return `a ${world.life}`
    })
    const values = [dice, await run.now(), await run.uuid(), await run.uuid()]
    await charge({ note: 'tea' })
    world.reach('charged')
    return values
  })
}

export function killedInsideEffect(world: World): Promise<unknown> {
  const charge = tool({
    name: 'charge',
    execute: ({ note }: { note: string }) => {
      world.act(`charged ${note}`)
      world.reach('charged, not committed')
      return `charge of ${note}`
    },
  })
  return world.ledger.run(RUN, () => charge({ note: 'tea' }))
}

/** Every fifth is a hit: its answer is a row of its own, which a crash may lose. */
export function manyHits(world: World): Promise<unknown> {
  const charge = charging(world)
  return world.ledger.run(RUN, async () => {
    const answers: string[] = []
    for (let turn = 0; turn < 20; turn++) answers.push(await charge({ note: `item ${turn % 4}` }))
    world.reach('all answered')
    return answers
  })
}

export function childInsideTool(world: World): Promise<unknown> {
  const charge = charging(world)
  const delegate = tool({
    name: 'delegate',
    onUnknown: 'retry',
    execute: async ({ to }: { to: string }) => {
      const said = await world.ledger.run({ name: to }, async (child) => {
        const note = await world.ask(child, { messages: [to] }, `tea in life ${world.life}`)
        return [child.id, await charge({ note })]
      })
      world.reach('child done, tool not')
      return said
    },
  })
  return world.ledger.run(RUN, () => delegate({ to: 'shopper' }))
}

export function onceEver(world: World): Promise<unknown> {
  const refund = tool({
    name: 'refund',
    once: 'ledger',
    keys: ['order'],
    execute: ({ order }: { order: number; note: string }) => {
      world.act(`refunded ${order}`)
      return `refund of ${order}`
    },
  })
  return world.ledger.run(RUN, async (run) => {
    const note = await world.ask(run, { messages: ['Why?'] }, `words of life ${world.life}`)
    const refunds = [await refund({ order: 1, note }), await refund({ order: 1, note })]
    world.reach('refunded')
    return [note, ...refunds]
  })
}
