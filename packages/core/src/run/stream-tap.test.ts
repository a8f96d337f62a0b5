import { expect, test } from 'vitest'
import { RunHaltedError } from '../errors/run-halted-error.ts'
import { temporaryLedger } from '../testing/story.ts'

const ID = { id: 'turn-1' }

async function* parts() {
  yield 'one'
}

function lockedStream(): ReadableStream {
  const stream = new ReadableStream()
  stream.getReader()
  return stream
}

test.each([
  ['is being read already', lockedStream],
  ['is frozen', () => Object.freeze(parts())],
])('a returned stream that %s cannot be watched: its run has failed', async (_, make) => {
  const ledger = temporaryLedger()
  const agent: () => unknown = make
  await expect(ledger.run(ID, agent)).rejects.toThrow(TypeError)
  expect((await ledger.runs.get('turn-1'))?.status).toBe('failed')
})

test('a run that was halted before it returned its stream throws the halt instead', async () => {
  const ledger = temporaryLedger()
  const ended = ledger.run(ID, async (run) => {
    await run.halt('enough')
    return parts()
  })
  await expect(ended).rejects.toThrow(RunHaltedError)
  expect((await ledger.runs.get('turn-1'))?.status).toBe('failed')
})
