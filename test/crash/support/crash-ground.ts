import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceProcess } from './service-process.ts'

/** A directory and a service for the cases of one test file. */
export class CrashGround implements AsyncDisposable {
  readonly directory: string
  readonly service: ServiceProcess

  private constructor(directory: string, service: ServiceProcess) {
    this.directory = directory
    this.service = service
  }

  static async prepare(): Promise<CrashGround> {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
    return new CrashGround(directory, await ServiceProcess.start(directory))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]()
    rmSync(this.directory, { recursive: true, force: true })
  }
}
