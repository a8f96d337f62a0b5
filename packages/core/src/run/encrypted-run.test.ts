import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { aesGcm } from '../codec/aes-gcm.ts'
import { ConfigError } from '../errors/config-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { Ledger } from '../ledger.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import { currentRun } from './current-run.ts'

const old = aesGcm({ id: 'key-2025', key: Buffer.alloc(32, 1) })
const current = aesGcm({ id: 'key-2026', key: Buffer.alloc(32, 2) })

/** Texts that stand nowhere else: in arguments, results, errors, answers and the rest of what is said. */
const WORDS = {
  input: 'PLAININPUT',
  args: 'PLAINARGS',
  result: 'PLAINRESULT',
  read: 'PLAINREAD',
  error: 'PLAINERROR',
  request: 'PLAINREQUEST',
  response: 'PLAINRESPONSE',
  value: 'PLAINVALUE',
  output: 'PLAINOUTPUT',
  failure: 'PLAINFAILURE',
}

function story(ledger: Ledger, id = 'r1') {
  let bodies = 0
  const pay = tool({
    name: 'pay',
    execute: ({ card }: { card: string }) => {
      bodies++
      return { card, receipt: WORDS.result }
    },
  })
  const look = tool({ name: 'look', effect: 'read', execute: () => WORDS.read })
  const decline = tool({
    name: 'decline',
    execute: () => {
      throw new NotAppliedError(WORDS.error)
    },
  })
  const agent = async () => {
    const run = currentRun()
    await run?.call({ provider: 'p', model: 'm', request: { messages: [WORDS.request] } }, async () => WORDS.response)
    await run?.value('v', () => WORDS.value)
    await look({})
    await decline({}).catch(() => undefined)
    const { receipt } = await pay({ card: WORDS.args })
    return { receipt, said: WORDS.output }
  }
  return { run: () => ledger.run({ id, input: WORDS.input }, agent), bodies: () => bodies }
}

async function failing(ledger: Ledger): Promise<void> {
  await ledger.run({ id: 'r2' }, () => Promise.reject(new Error(WORDS.failure))).catch(() => undefined)
}

function bytesOf(folder: string): string {
  return ['ledger.db', 'ledger.db-wal'].map((file) => readFileSync(join(folder, file), 'latin1')).join()
}

describe('a ledger with a codec', () => {
  test('leaves no byte of what was said in its file, its write-ahead log included', async () => {
    const [sealed, open] = [temporaryFolder(), temporaryFolder()]
    const ledger = temporaryLedger({ codec: current }, sealed)
    const other = temporaryLedger({}, open)
    for (const one of [ledger, other]) {
      await story(one).run()
      await failing(one)
    }
    const found = (folder: string) => Object.values(WORDS).filter((word) => bytesOf(folder).includes(word))
    expect(found(sealed)).toEqual([])
    // The search finds them where nothing seals them.
    expect(found(open)).toEqual(Object.values(WORDS))
    expect(bytesOf(sealed)).toContain('~key-2026~')
  })

  test('shows, exports and tails what an open one does', async () => {
    const [ledger, other] = [temporaryLedger({ codec: current }), temporaryLedger()]
    for (const one of [ledger, other]) {
      await story(one).run()
      await failing(one)
    }
    for (const id of ['r1', 'r2']) expect(await told(ledger, id)).toEqual(await told(other, id))
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('answers from the record in another process, and executes nothing twice', async () => {
    const folder = temporaryFolder()
    const first = story(temporaryLedger({ codec: current }, folder))
    const output = await first.run()
    const second = story(temporaryLedger({ codec: current }, folder))
    expect(await second.run()).toEqual(output)
    expect([first.bodies(), second.bodies()]).toEqual([1, 0])
  })
})

describe('a key that is changed', () => {
  test('is read beside the new one, which writes', async () => {
    const folder = temporaryFolder()
    await story(temporaryLedger({ codec: old }, folder)).run()
    const rotated = temporaryLedger({ codec: [current, old] }, folder)
    const again = story(rotated)
    expect(await again.run()).toMatchObject({ said: WORDS.output })
    expect(again.bodies()).toBe(0)
    await story(rotated, 'r3').run()
    for (const id of ['r1', 'r3']) expect(JSON.stringify(await rotated.runs.export(id))).toContain(WORDS.args)
    // What was written since needs the old key no more.
    const { run, effects } = await temporaryLedger({ codec: current }, folder).runs.export('r3')
    expect([run.output, effects.length]).toEqual([{ receipt: WORDS.result, said: WORDS.output }, 2])
  })

  test('and given up makes what it wrote unreadable: said by whoever needs it, and no list ends at it', async () => {
    const folder = temporaryFolder()
    await story(temporaryLedger({ codec: old }, folder)).run()
    const ledger = temporaryLedger({ codec: current }, folder)
    const again = story(ledger)
    await expect(again.run()).rejects.toThrow(ConfigError)
    await expect(again.run()).rejects.toThrow("'key-2025'")
    expect(again.bodies()).toBe(0)
    const effects = await ledger.effects.list()
    expect(effects.map(({ tool: name, args }) => [name, args])).toContainEqual(['pay', '[unreadable]'])
    const exported = JSON.stringify(await ledger.runs.export('r1'))
    expect(exported).not.toContain('~key-2025~')
  })

  test('a wrong key under the same id reads nothing, and executes nothing again', async () => {
    const folder = temporaryFolder()
    await story(temporaryLedger({ codec: current }, folder)).run()
    const again = story(temporaryLedger({ codec: aesGcm({ id: 'key-2026', key: Buffer.alloc(32, 9) }) }, folder))
    await expect(again.run()).rejects.toThrow("'key-2026'")
    expect(again.bodies()).toBe(0)
  })

  test('what was written before there was any key is read as it is', async () => {
    const folder = temporaryFolder()
    await story(temporaryLedger({}, folder)).run()
    const again = story(temporaryLedger({ codec: current }, folder))
    expect(await again.run()).toMatchObject({ said: WORDS.output })
    expect(again.bodies()).toBe(0)
  })
})

/** All that a ledger tells of a run, without what differs from one execution to the next. */
async function told(ledger: Ledger, id: string): Promise<unknown> {
  const entries = []
  for await (const { cursor: _, ...entry } of ledger.tail({ runId: id, follow: false })) entries.push(entry)
  const told = [
    await ledger.runs.export(id),
    await ledger.runs.get(id),
    await ledger.effects.list({ runId: id }),
    entries,
  ]
  return JSON.parse(JSON.stringify(told), (name, value) => (/(At|^at|stack)$/.test(name) ? '' : value))
}
