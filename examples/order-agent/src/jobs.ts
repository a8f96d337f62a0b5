import type { Agent, Ledger, Run } from 'holdfast'
import { converse, type OrderAgent } from './agent.ts'

/** What the agent can be asked for. */
export type JobName = 'fulfil-order' | 'refund-order' | 'watch-parcel'

interface Job {
  readonly runId: (orderId: string) => string
  readonly instructions: string
  readonly task: (orderId: string) => string
  readonly tools: readonly string[]
}

const MANNERS =
  'One tool at a time, in this order. If a tool reports an error, stop and say why. At the end answer in one sentence.'

const JOBS: Readonly<Record<JobName, Job>> = {
  'fulfil-order': {
    runId: (orderId) => `order-${orderId}`,
    instructions: `You fulfil orders of a shop. For the order you are given: find it, take the stock, charge the card, book
the shipping, and write the customer a friendly mail with the tracking code. ${MANNERS}`,
    task: (orderId) => `Please fulfil order ${orderId}.`,
    tools: ['find-order', 'take-stock', 'charge-card', 'book-shipping', 'send-mail'],
  },
  'refund-order': {
    runId: (orderId) => `refund-${orderId}`,
    instructions: `You refund orders of a shop. For the order you are given: find it, refund its total to the card, and
write the customer a friendly mail. ${MANNERS}`,
    task: (orderId) => `Please refund order ${orderId}: it arrived broken.`,
    tools: ['find-order', 'refund-card', 'send-mail'],
  },
  'watch-parcel': {
    runId: (orderId) => `parcel-${orderId}`,
    instructions: `You watch the parcels of a shop. When the one that you are given has been delivered, write the customer
a friendly mail. ${MANNERS}`,
    task: (orderId) => `Please write to the customer once the parcel of order ${orderId} is there.`,
    tools: ['track-parcel', 'send-mail'],
  },
}

/** The job of that name. */
export function jobNamed(name: string): JobName {
  if (Object.hasOwn(JOBS, name)) return name as JobName
  throw new Error(`There is no job '${name}'; there are ${Object.keys(JOBS).join(', ')}.`)
}

/** The run of a job: the same order, asked for again, is the same run. */
export function runOf(name: JobName, orderId: string): string {
  return JOBS[name].runId(orderId)
}

/** Does a job. Done before, it gives the recorded answer; left by a process that died, it goes on. */
export function doJob(ledger: Ledger, agent: OrderAgent, name: JobName, orderId: string): Promise<string> {
  const options = { id: runOf(name, orderId), name, input: { orderId } }
  return ledger.run(options, (run) => work(agent, run, name))
}

/** The jobs by the names of their runs, for a ledger that is to go on with runs which others left. */
export function jobAgents(agent: OrderAgent): Readonly<Record<JobName, Agent<string>>> {
  return {
    'fulfil-order': (run) => work(agent, run, 'fulfil-order'),
    'refund-order': (run) => work(agent, run, 'refund-order'),
    'watch-parcel': (run) => work(agent, run, 'watch-parcel'),
  }
}

async function work(agent: OrderAgent, run: Run, name: JobName): Promise<string> {
  const { orderId } = run.input as { readonly orderId: string }
  const { instructions, task, tools } = JOBS[name]
  const equipped = { ...agent, tools: agent.tools.filter((tool) => tools.includes(tool.name)) }
  const { words, done } = await converse(equipped, run, { instructions, task: task(orderId) })
  // Whatever the model says: a job is done when the customer knows. Else the run has failed, and what it did is undone.
  if (!done.has('send-mail')) throw new Error(words)
  return words
}
