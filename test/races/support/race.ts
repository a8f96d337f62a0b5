import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Answer, Job } from './job.ts'

const RACER = new URL('./racer.ts', import.meta.url)
const execArgv = ['--conditions=@holdfast/source']

/** A process or thread that waits for its start. */
export interface Racer {
  tell(word: 'go' | 'finish'): void
  /** The next answer that is not read yet. */
  answer(): Promise<Answer>
  ended(): Promise<unknown>
}

export function startProcess(job: Job): Racer {
  const child = fork(fileURLToPath(RACER), [JSON.stringify(job)], { execArgv })
  return racer(child, once(child, 'exit'), (word) => child.send(word))
}

export function startThread(job: Job): Racer {
  const worker = new Worker(RACER, { workerData: job, execArgv })
  return racer(worker, once(worker, 'exit'), (word) => worker.postMessage(word))
}

/** Starts them together: none does anything before all are ready. */
export async function race(racers: readonly Racer[]): Promise<void> {
  for (const one of racers) await one.answer()
  for (const one of racers) one.tell('go')
}

function racer(
  source: { on(event: 'message', listener: (answer: Answer) => void): unknown },
  exit: Promise<unknown[]>,
  send: (word: string) => unknown,
): Racer {
  const answers: Answer[] = []
  let wake = () => {}
  source.on('message', (answer) => {
    answers.push(answer)
    wake()
  })
  const gone = exit.then(([code]) => ({ kind: 'failed', error: `it ended with code ${code}` }) as const)
  const next = async (): Promise<Answer> => {
    const arrived = new Promise<void>((resolve) => {
      wake = resolve
    })
    const known = answers.shift()
    if (known !== undefined) return known
    const over = await Promise.race([arrived, gone])
    return answers.shift() ?? (over as Answer)
  }
  return { tell: (word) => void send(word), answer: next, ended: () => exit }
}
