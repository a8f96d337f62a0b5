import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for the databases of one benchmark, gone afterwards. */
export class ScratchFolder implements Disposable {
  readonly #path = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))

  file(name: string): string {
    return join(this.#path, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true })
  }
}
