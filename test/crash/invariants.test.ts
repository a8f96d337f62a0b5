import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToTheEnd } from './support/crash-case.ts'
import { CrashGround } from './support/crash-ground.ts'
import { type Evidence, problemsOf } from './support/invariants.ts'
import { readLedgerFile } from './support/ledger-file.ts'
import { ORDER_DEEDS } from './support/order-agent.ts'
import type { ServiceLine } from './support/outside-log.ts'

type Effects = Evidence['file']['effects']
type Entries = Evidence['file']['entries']

describe('the checks of the crash tests see', () => {
  let ground: CrashGround
  let clean: Evidence

  beforeAll(async () => {
    ground = await CrashGround.prepare()
    const crashCase = { ...ground, caseId: 'clean', policy: 'halt', crashes: ['after-body:2'], concurrency: 1 } as const
    const end = await runToTheEnd(crashCase)
    const file = await readLedgerFile(end.ledgerPath)
    clean = { policy: 'halt', file, lines: ground.service.linesOf('clean'), deeds: ORDER_DEEDS }
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  it('nothing in a case that is as it should be', () => {
    expect(problemsOf(clean)).toEqual([])
  })

  it('a second request, and a second act, under one downstream key', () => {
    const [act] = actsOf(clean)
    expect(withLines([...clean.lines, { ...act, kind: 'repeat' }])).toContainEqual(expect.stringContaining('I4'))
    expect(withLines([...clean.lines, act])).toContainEqual(expect.stringContaining('I5'))
  })

  it('a deed that was done again under another key, and one that was not done', () => {
    const [act] = actsOf(clean)
    const problems = withLines([...clean.lines, { ...act, key: 'hf_other' }])
    expect(problems).toContain('happened more than once: charge tea')
    expect(problems).toContainEqual(expect.stringContaining('belongs to no effect on record'))
    expect(withLines(clean.lines.filter((line) => line !== act))).toContain('did not happen: charge tea')
  })

  it('an act whose result is not the stored one, and one of an effect that is on record as failed', () => {
    const [act] = actsOf(clean)
    expect(withLines(replaced(clean.lines, act, { ...act, result: 'other' }))).toContain(
      'I5: charge has another result on record',
    )
    const declined = clean.lines.find((line) => line.declined) as ServiceLine
    expect(withLines(replaced(clean.lines, declined, { ...declined, declined: false }))).toContainEqual(
      expect.stringContaining('on record as failed, and it acted'),
    )
  })

  it('an act before its record, and one under an epoch that is over', () => {
    const [act] = actsOf(clean)
    const never = replaced(clean.lines, act, { ...act, onRecord: null })
    expect(withLines(never)).toContainEqual(expect.stringContaining('I6'))
    const effect = act.effect && { ...act.effect, epoch: 7 }
    const old = replaced(clean.lines, act, { ...act, effect })
    expect(withLines(old)).toContainEqual(expect.stringContaining('I6: charge acted under epoch 7'))
  })

  it('an answered call that is made again', () => {
    const call = clean.lines.find(({ kind }) => kind === 'call') as ServiceLine
    expect(withLines([...clean.lines, call])).toContainEqual(expect.stringContaining('I7'))
  })

  it('a gap in the log, a step that may not follow, and an epoch that does not rise', () => {
    const { entries } = clean.file
    expect(withEntries(entries.slice(1))).toContainEqual(expect.stringContaining('I11: entry 2'))
    const success = entries.find(({ kind }) => kind === 'effect-succeeded')
    const twice = entries.flatMap((entry) => (entry === success ? [entry, entry] : [entry]))
    expect(withEntries(twice)).toContainEqual(expect.stringContaining('effect-succeeded follows succeeded'))
    const flat = entries.map((entry) => ({ ...entry, detail: { ...entry.detail, epoch: 1 } }))
    expect(withEntries(flat)).toContainEqual(expect.stringContaining('I3'))
  })

  it('an effect that is left open, and two rows of one generation', () => {
    const [first, ...others] = clean.file.effects as unknown as [Effects[number], ...Effects]
    expect(withEffects([{ ...first, status: 'processing' }, ...others])).toContain('I12: charge is left processing')
    expect(withEffects([first, first, ...others])).toContainEqual(expect.stringContaining('I1'))
  })

  function withLines(lines: readonly ServiceLine[]): string[] {
    return problemsOf({ ...clean, lines })
  }

  function withEntries(entries: Entries): string[] {
    return problemsOf({ ...clean, file: { ...clean.file, entries } })
  }

  function withEffects(effects: Effects): string[] {
    return problemsOf({ ...clean, file: { ...clean.file, effects } })
  }
})

function actsOf({ lines }: Evidence): [ServiceLine, ...ServiceLine[]] {
  return lines.filter(({ kind }) => kind === 'act') as [ServiceLine, ...ServiceLine[]]
}

function replaced<T>(all: readonly T[], old: T, by: T): T[] {
  return all.map((one) => (one === old ? by : one))
}
