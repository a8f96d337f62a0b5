import { join } from 'node:path'
import { createLedger } from '../ledger.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { World, type WorldAgent } from './world.ts'

/** The child process of a story: lives until the point where it is to die. */
async function live(): Promise<void> {
  const [module = '', name = '', folder = '', killAt] = process.argv.slice(2)
  const agents: Record<string, WorldAgent> = await import(module)
  const ledger = createLedger({ store: sqlite(join(folder, 'ledger.db')) })
  const world = new World({ ledger, life: 1, folder, killAt })
  await agents[name]?.(world)
  throw new Error(`${name} ended without reaching '${killAt}'`)
}

live().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
})
