import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, createLedger, type Ledger, type LedgerOptions, ManualClock, memory, sqlite } from 'holdfast'
import { onTestFinished } from 'vitest'

/** A ledger in memory, closed when the test is over. */
export function memoryLedger(options: LedgerOptions = {}): Ledger {
  return closedLater(createLedger({ store: memory(), ...options }))
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-seeds-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A ledger on the file of that folder. Those with clocks of their own are owners of their own, as processes are. */
export function fileLedger(folder: string, options: LedgerOptions = {}): Ledger {
  return closedLater(createLedger({ store: sqlite(join(folder, 'ledger.db')), durability: 'fast', ...options }))
}

function closedLater(ledger: Ledger): Ledger {
  onTestFinished(() => ledger.close())
  return ledger
}

/** Two owners of one file, as two processes would be; the first hangs: it renews nothing by itself. */
export function twoOwners() {
  const folder = temporaryFolder()
  const clock = new ManualClock()
  const hung = fileLedger(folder, { clock: hungClock(clock) })
  const live = fileLedger(folder, { clock: sameTime(clock) })
  return { clock, hung, live }
}

/** The same time as another clock object. */
function sameTime(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    every: (ms, task) => clock.every(ms, task),
    after: (ms, task) => clock.after(ms, task),
    turn: () => clock.turn(),
    soon: (task) => clock.soon(task),
  }
}

/** The clock of a process that hangs: nothing of it ever renews a lease. */
function hungClock(clock: Clock): Clock {
  return { ...sameTime(clock), every: () => () => undefined }
}

/** A promise to be settled by the test, and one that says that somebody waits for it. */
export function gate<T = void>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const entered = Promise.withResolvers<void>()
  const pass = (): Promise<T> => {
    entered.resolve()
    return promise
  }
  return { pass, entered: entered.promise, open: resolve, break: reject }
}
