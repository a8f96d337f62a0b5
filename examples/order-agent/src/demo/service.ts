import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ServiceMessage } from '../services/service-process.ts'

/** A service running as a process of its own. */
export class Service {
  readonly #name: string
  readonly #child: ChildProcess

  private constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
  }

  /** Starts the service of that name and waits until it listens. */
  static async start(name: string, journalPath: string): Promise<{ readonly service: Service; readonly url: string }> {
    const file = fileURLToPath(new URL(`../services/${name}.ts`, import.meta.url))
    const service = new Service(name, fork(file, [journalPath]))
    const { url } = await service.hear('listening')
    return { service, url }
  }

  /** The next message of that kind. Rejects when the service ends first. */
  hear<Kind extends ServiceMessage['kind']>(kind: Kind): Promise<Extract<ServiceMessage, { kind: Kind }>> {
    const heard = new Promise<Extract<ServiceMessage, { kind: Kind }>>((resolve, reject) => {
      this.#child.on('message', (message: ServiceMessage) => {
        if (message.kind === kind) resolve(message as Extract<ServiceMessage, { kind: Kind }>)
      })
      this.#child.once('exit', (code) => reject(new Error(`The ${this.#name} ended with code ${code}.`)))
    })
    // Whoever awaits it gets the rejection; a service that is stopped while nobody does is no failure.
    heard.catch(() => undefined)
    return heard
  }

  /**
   * Asks the service to do the next deed of that kind without answering it. The returned promise resolves when it has
   * acted: that is the instant to kill its client.
   */
  async holdNextAnswer(deed: string): Promise<{ readonly acted: Promise<unknown> }> {
    const acted = this.hear('acted')
    const holding = this.hear('holding')
    this.#child.send(deed)
    await holding
    return { acted }
  }

  /**
   * Asks the service to keep all its answers back, and to tell of each that there would be. Resolves to what lets them
   * go.
   */
  async keepAnswers(onAsked: () => void): Promise<() => void> {
    this.#child.on('message', ({ kind }: ServiceMessage) => {
      if (kind === 'acted') onAsked()
    })
    const holding = this.hear('holding')
    this.#child.send('keep')
    await holding
    return () => this.#child.send('let-go')
  }

  stop(): void {
    this.#child.kill()
  }
}
