import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { eventually } from '../testing/eventually.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { seenTokensOf } from './seen-tokens.ts'

/** As clients have them: JSON would make a short text of it. */
class SdkStream {
  readonly controller = new AbortController()

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield 'said'
  }
}

describe('what is seen of an answer', () => {
  test.each<[unknown, number]>([
    ['said', 6],
    [{ text: '' }, 11],
    [['', ''], 7],
  ])('of %j is as many tokens as it has bytes', (response, tokens) => {
    expect(seenTokensOf(response)).toBe(tokens)
  })

  test.each([undefined, null, true, 42, '', [], {}, new Response('said'), new SdkStream(), async function* () {}])(
    'of %s is nothing',
    (response) => {
      expect(seenTokensOf(response)).toBeUndefined()
    },
  )
})

/** Each has a cap of 1,000 tokens, and does not say what it used. */
const SENT_ELSEWHERE: readonly [name: string, made: () => unknown][] = [
  ['nothing', () => undefined],
  ['that it is done', () => true],
  ['an empty text', () => ''],
  ['a Response', () => new Response('said')],
  ['the stream of a client', () => new SdkStream()],
]

describe('a sender that streamed its answer elsewhere, and returns', () => {
  test.each(SENT_ELSEWHERE)('%s, is paid for in full', async (_, made) => {
    const ledger = temporaryLedger()
    await ledger.run({ id: 'r' }, (run) => new FakeModel().call(run, { send: async () => made() as never }))
    expect(await ledger.scopes.usage('run:r')).toMatchObject({ spent: nanoOf(1_000), held: 0 })
  })

  test.each(SENT_ELSEWHERE)('%s, is paid for in full, also while the store is out of reach', async (_, made) => {
    const path = join(temporaryFolder(), 'ledger.db')
    const ledger = temporaryLedger({ store: sqlite(path, { busyMs: 30 }), leaseMs: 300, onOutage: 'allow' })
    await ledger.migrate()
    const database = new Database(path)
    onTestFinished(() => void database.close())
    await ledger.run({ id: 'r' }, async (run) => {
      database.exec('BEGIN IMMEDIATE')
      await new FakeModel().call(run, { send: async () => made() as never })
      database.exec('ROLLBACK')
    })
    await eventually(async () => expect((await ledger.scopes.usage('run:r')).spent).toBe(nanoOf(1_000)))
  })
})
