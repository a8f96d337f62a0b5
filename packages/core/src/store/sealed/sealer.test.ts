import { expect, test } from 'vitest'
import { aesGcm } from '../../codec/aes-gcm.ts'
import { Sealer } from './sealer.ts'

const sealer = new Sealer([aesGcm({ id: 'key', key: Buffer.alloc(32, 1) })])
const SECRET = '{"card":"4242"}'

test('of an entry its bodies are opened, and nothing that somebody wrote into another member of it', () => {
  const sealed = sealer.seal(SECRET)
  const entry = { by: sealed, reason: sealed, tool: sealed, decision: 'approve', note: sealed, error: sealed }
  const opened = JSON.parse(sealer.unsealEntry(JSON.stringify(entry)))
  expect(opened).toEqual({ ...entry, note: JSON.parse(SECRET), error: JSON.parse(SECRET) })
})

test('nor what stands within a body', () => {
  const sealed = sealer.seal(SECRET)
  const entry = { note: sealer.seal(JSON.stringify({ reason: sealed })), error: { message: sealed } }
  const opened = JSON.parse(sealer.unsealEntry(JSON.stringify(entry)))
  expect(opened).toEqual({ note: { reason: sealed }, error: { message: sealed } })
})
