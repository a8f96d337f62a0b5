import type { JobName } from '../jobs.ts'
import { say } from './screen.ts'
import { ShopProcess } from './shop-process.ts'
import type { Stage } from './stage.ts'

/** Starts a job, and kills its process the moment the payment service says that it has done the deed. */
export async function killWhen(deed: 'charge' | 'refund', stage: Stage, job: JobName, orderId: string): Promise<void> {
  const { acted } = await stage.payments.holdNextAnswer(deed)
  const agent = new ShopProcess(stage.config, 'worker', job, orderId)
  say(`Process ${agent.pid} begins to ${job.replace('-', ' ')} ${orderId}.`)
  const tooEarly = agent.ended.then(({ errors }) => {
    throw new Error(`The agent ended before the ${deed}.\n${errors}`)
  })
  await Promise.race([acted, tooEarly])
  agent.kill()
  const { signal } = await agent.ended
  if (signal !== 'SIGKILL') throw new Error('The agent ended before it could be killed.')
}
