import { expect, test } from 'vitest'
import { aesGcm } from '../codec/aes-gcm.ts'
import { ConfigError } from '../errors/config-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { ID, TEA, waiting } from './testing/waiting-run.ts'

const [old, current] = [1, 2].map((byte) => aesGcm({ id: `key-${byte}`, key: Buffer.alloc(32, byte) }))
const MILK = { note: 'milk' }

/** An approval edited by a process with a newer key than the one that is to go on. */
async function editedElsewhere() {
  const folder = temporaryFolder()
  const behind = temporaryLedger({ codec: [old as never] }, folder)
  const ahead = temporaryLedger({ codec: [current as never, old as never] }, folder)
  const charge = countedTool('charge', { approval: true, retry: { attempts: 3, backoff: { initialMs: 1 } } })
  await ahead.approvals.approve(await waiting(behind, () => charge(TEA)), { args: MILK })
  return { behind, ahead, charge }
}

test('an approved effect whose edited arguments cannot be read is known not to have happened', async () => {
  const { behind, ahead, charge } = await editedElsewhere()
  const error = await behind.run({ ...ID, onError: 'keep' }, () => charge(TEA)).catch((thrown: unknown) => thrown)
  expect([NotAppliedError.isInstance(error), ConfigError.find(error)?.message]).toEqual([
    true,
    expect.stringContaining("'key-2'"),
  ])
  expect(charge.done).toEqual([])
  const found = { status: 'failed', certainty: 'not_applied', attempt: 1 }
  expect(await ahead.effects.list()).toMatchObject([found])
  expect((await ahead.verify()).problems).toEqual([])
})

test('and so is one that is begun by hand', async () => {
  const { behind, ahead, charge } = await editedElsewhere()
  await behind.run(ID, async (run) => expect(await run.begin(charge, TEA)).toMatchObject({ kind: 'failed' }))
  expect(await ahead.effects.list()).toMatchObject([{ status: 'failed', certainty: 'not_applied' }])
})
