import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServiceLine } from './outside-log.ts'

const PROGRAM = fileURLToPath(new URL('./outside-service.ts', import.meta.url))

/** The service outside, running; one serves all cases of a test file. */
export class ServiceProcess implements AsyncDisposable {
  readonly url: string
  readonly #process: ChildProcess
  readonly #logPath: string

  private constructor(child: ChildProcess, port: number, logPath: string) {
    this.#process = child
    this.#logPath = logPath
    this.url = `http://127.0.0.1:${port}`
  }

  static start(directory: string): Promise<ServiceProcess> {
    const logPath = join(directory, 'service.jsonl')
    const child = fork(PROGRAM, [logPath], { execArgv: [] })
    return new Promise((resolve, reject) => {
      child.once('message', (message) =>
        resolve(new ServiceProcess(child, (message as { port: number }).port, logPath)),
      )
      child.once('exit', (code) => reject(new Error(`the service ended with ${code} before it listened`)))
    })
  }

  /** What the service's own log says of a case. */
  linesOf(caseId: string): ServiceLine[] {
    const lines = readFileSync(this.#logPath, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as ServiceLine).filter((line) => line.caseId === caseId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.disconnect()
    await gone
  }
}
