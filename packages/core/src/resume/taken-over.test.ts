import { expect, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import type { RecoverOptions } from './recovery.ts'

const ORDER = { id: 'order' }

/** Its first undoing takes as long as `during`. */
function paying(log: string[], during = async () => {}) {
  let undone = 0
  return tool({
    name: 'pay',
    execute: ({ note }: { readonly note: string }) => `pay ${note}`,
    compensate: async (result: string) => {
      log.push(`undo ${result}`)
      if (undone++ === 0) await during()
    },
  })
}

/** Failed, and began to be compensated where nobody knew the tool. */
async function leftUndoing(folder: string): Promise<void> {
  const ledger = temporaryLedger({}, folder)
  const failed = ledger.run({ ...ORDER, onError: 'keep' }, () => payTwice(new Error('no')))
  await expect(failed).rejects.toThrow('no')
  await expect(temporaryLedger({}, folder).runs.compensate(ORDER.id)).rejects.toThrow('is not known')
  expect(await ledger.runs.get(ORDER.id)).toMatchObject({ status: 'compensating' })
}

/** Aborted, and let go. */
async function leftRunning(folder: string): Promise<void> {
  const controller = new AbortController()
  const ledger = temporaryLedger({ clock: new ManualClock(0) }, folder)
  const aborted = ledger.run({ ...ORDER, signal: controller.signal }, () => {
    const gone = new Error('gone')
    return payTwice(gone, () => controller.abort(gone))
  })
  await expect(aborted).rejects.toThrow('gone')
}

async function payTwice(error: Error, after = () => {}): Promise<never> {
  const pay = paying([])
  for (const note of ['a', 'b']) await pay({ note })
  after()
  throw error
}

const then = 'compensate'
const LEFT: readonly (readonly [how: string, leave: (folder: string) => Promise<void>, options: RecoverOptions])[] = [
  ['that had begun', leftUndoing, {}],
  ['of an abandoned run', leftRunning, { abandoned: { olderThanMs: 0, then } }],
]

test.each(LEFT)(
  'a compensation %s that another process takes over in the middle is not listed as blocked',
  async (_, leave, options) => {
    const folder = temporaryFolder()
    await leave(folder)
    const log: string[] = []
    const young = new ManualClock()
    const heir: Ledger = temporaryLedger({ clock: young, tools: [paying(log)] }, folder)
    const during = async () => {
      await young.advance(60_002)
      expect(await heir.recover()).toMatchObject({ compensated: [{ runId: ORDER.id, status: 'compensated' }] })
    }
    const stale = temporaryLedger({ clock: new ManualClock(), tools: [paying(log, during)] }, folder)
    expect(await stale.recover(options)).toMatchObject({ compensated: [], blocked: [] })
    expect(log).toEqual(['undo pay b', 'undo pay b', 'undo pay a'])
    expect((await heir.verify()).problems).toEqual([])
  },
)
