import { expect, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { Reconciliation } from '../tool/tool-definition.ts'

type Hook = () => Reconciliation<string>

const NOBODY_KNOWS: Hook = () => ({ kind: 'unknown' })

/** Pays, and never hears whether it has; its hook says what the test knows. */
function paying(hook: Hook) {
  return tool({
    name: 'pay',
    onUnknown: hook,
    compensate: () => undefined,
    execute: (_: { readonly note: string }): Promise<string> =>
      Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
  })
}

function fail(ledger: Ledger, id: string, onError: 'keep' | 'compensate', hook = NOBODY_KNOWS): Promise<unknown> {
  const pay = paying(hook)
  return ledger.run({ id, onError }, () => pay({ note: id })).catch((error: unknown) => error)
}

test.each([
  ['keep', 'failed'],
  ['compensate', 'compensation_failed'],
] as const)(
  "what was unknown when its run ended is asked about until somebody knows ('%s')",
  async (onError, status) => {
    const folder = temporaryFolder()
    await fail(temporaryLedger({}, folder), 'order', onError)
    let asked = 0
    const recovering = (known: Hook) => {
      const hook = () => {
        asked++
        return known()
      }
      return temporaryLedger({ tools: [paying(hook)] }, folder).recover()
    }
    expect(await temporaryLedger({}, folder).recover()).toMatchObject({ resolved: 0, complete: true })
    expect(await recovering(NOBODY_KNOWS)).toMatchObject({ resolved: 0, blocked: [] })
    expect(await recovering(() => ({ kind: 'applied', result: 'ch_1' }))).toMatchObject({ resolved: 1, blocked: [] })
    expect(asked).toBe(2)
    const ledger = temporaryLedger({}, folder)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', result: 'ch_1' }])
    expect(await ledger.runs.get('order')).toMatchObject({ status })
    expect((await ledger.verify()).problems).toEqual([])
    await recovering(NOBODY_KNOWS)
    expect(asked).toBe(2)
  },
)

test('runs that ended in a doubt that nobody here can clear take no place among those that are looked at', async () => {
  const folder = temporaryFolder()
  const left = temporaryLedger({}, folder)
  for (const id of ['a', 'b', 'c']) await fail(left, id, 'keep')
  const controller = new AbortController()
  const aborted = left.run({ id: 'd', signal: controller.signal }, () => {
    controller.abort(new Error('gone'))
    throw new Error('gone')
  })
  await expect(aborted).rejects.toThrow('gone')
  const recovery = await temporaryLedger({}, folder).recover({ limit: 1 })
  expect(recovery).toMatchObject({ resumable: [{ id: 'd' }], resolved: 0 })
})
