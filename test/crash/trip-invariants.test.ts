import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrashGround } from './support/crash-ground.ts'
import { evidenceOf } from './support/expect-trip-over.ts'
import type { ServiceLine } from './support/outside-log.ts'
import { step, type Trip } from './support/trip.ts'
import { type TripCase, TripRunner } from './support/trip-case.ts'
import type { TripEvidence } from './support/trip-deeds.ts'
import { tripProblems } from './support/trip-invariants.ts'

type File = TripEvidence['file']

const TRIP: Trip = {
  before: step('hotel'),
  stages: [
    [step('visa', { approval: 'parks' })],
    [step('seat'), step('meal')],
    [step('ship', { undo: 'declines' }), step('mail', { fate: 'loses' })],
  ],
  ending: 'ends',
}

describe('the checks of the crashed trips see', () => {
  let ground: CrashGround
  let clean: TripEvidence

  beforeAll(async () => {
    ground = await CrashGround.prepare()
    const tripCase: TripCase = {
      ...{ ...ground, caseId: 'clean', policy: 'halt', trip: TRIP, crashes: { agent: ['', 'after-failure:1'] } },
      ...{ heirs: ['recover'], resumes: false },
    }
    await using runner = new TripRunner(tripCase)
    await runner.toTheEnd()
    clean = await evidenceOf(tripCase, runner, false)
  })
  afterAll(async () => {
    await ground[Symbol.asyncDispose]()
  })

  it('nothing in a trip that is as it should be, with something that is listed', () => {
    expect(tripProblems(clean)).toEqual([])
    expect(clean.file.effects.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
      'hotel compensated',
      'visa compensated',
      'seat compensated',
      'meal compensated',
      'ship compensation_failed',
      'mail unknown',
    ])
  })

  it('I8: what was not undone, and what was undone twice, under one key or another', () => {
    const undo = undoOf('seat')
    expect(withLines(without(undo))).toContain('I8: seat is on record as compensated, and was undone 0 times')
    expect(withLines([...clean.lines, undo])).toContain('I8: seat was undone 2 times')
    expect(withLines([...clean.lines, { ...undo, key: 'hf_other' }])).toContain('I8: undoing seat had 2 keys')
    expect(withLines([...clean.lines, { ...undo, kind: 'repeat' }])).toContain(
      'I8: undoing seat was requested 2 times, allowed were 1',
    )
  })

  it('I8: what was undone and never happened, happened later, or was something else', () => {
    const problem = 'I8: undoing seat was requested, and it had not happened'
    expect(withLines(without(actOf('seat')))).toContain(problem)
    expect(withLines([...without(actOf('seat')), actOf('seat')])).toContain(problem)
    const other = { ...undoOf('seat'), args: undoOf('meal').args }
    expect(withLines(replaced(clean.lines, undoOf('seat'), other))).toContain(problem)
    const unknown = { ...undoOf('seat'), key: 'hf_mail', effect: actOf('mail').effect }
    expect(withLines([...clean.lines, unknown])).toContain('I8: mail is on record as unknown, and was undone 1 times')
  })

  it('I8: two deeds that are undone under one key, and one that is undone under its own', () => {
    const { key } = undoOf('meal')
    const same = replaced(clean.lines, undoOf('seat'), { ...undoOf('seat'), key })
    expect(withLines(same)).toContain(`I8: two deeds are undone under the key ${key}`)
    const own = actOf('seat').key
    expect(withLines(replaced(clean.lines, undoOf('seat'), { ...undoOf('seat'), key: own }))).toContain(
      `I8: ${own} is also the key of a deed`,
    )
  })

  it('I8: an earlier stage that was undone before a later one, and nothing in the order of a group', () => {
    const early = [...without(undoOf('visa'))]
    early.splice(early.indexOf(undoOf('seat')), 0, undoOf('visa'))
    expect(withLines(early)).toContain('I8: visa was undone before seat')
    const parents = [...without(undoOf('hotel'))]
    parents.splice(parents.indexOf(undoOf('visa')), 0, undoOf('hotel'))
    expect(withLines(parents)).toContain('I8: hotel was undone before visa')
    expect(withLines(swapped(clean.lines, undoOf('seat'), undoOf('meal')))).toEqual([])
  })

  it('I8: what a failed run left as it was, and what was undone though its run ended well', () => {
    expect(withStatus('meal', 'succeeded')).toContainEqual(expect.stringContaining('I8: meal was not undone, and run'))
    const runs = clean.file.runs.map((run) => ({ ...run, status: 'completed' }))
    expect(withFile({ runs })).toContain('I8: hotel is compensated, and its run ended well')
  })

  it('I8: what is left and not listed, and a run that lists nothing', () => {
    const runs = clean.file.runs.map((run) => ({ ...run, status: 'compensated' }))
    expect(withFile({ runs })).toContain('I8: mail is left unknown, and its run is compensated')
    expect(withFile({ runs })).toContain('I8: ship is left compensation_failed, and its run is compensated')
    const effects = clean.file.effects.filter(({ tool }) => tool !== 'mail' && tool !== 'ship')
    expect(withFile({ effects })).toContain('I8: run clean is compensation_failed, and nothing of it is left')
    expect(tripProblems({ ...clean, isSettled: true })).toEqual(['I8: mail is left unknown after a human saw to it'])
  })

  it('an effect or a run that is left open', () => {
    expect(withStatus('seat', 'compensating')).toContain('I12: seat is left compensating')
    expect(withStatus('mail', 'processing')).toContain('I12: mail is left processing')
    const runs = clean.file.runs.map((run) => ({ ...run, status: 'compensating' }))
    expect(withFile({ runs })).toContain('I12: clean is left compensating')
  })

  it('a compensation before its record, and one under an epoch that is over', () => {
    const undo = undoOf('seat')
    const early = { ...undo, onRecord: { status: 'succeeded', epoch: 1 } }
    expect(withLines(replaced(clean.lines, undo, early))).toContain(
      'I6: undo seat was requested while on record as succeeded',
    )
    const effect = undo.effect && { ...undo.effect, epoch: 7 }
    expect(withLines(replaced(clean.lines, undo, { ...undo, effect }))).toContainEqual(
      expect.stringContaining('I6: undo seat was requested under epoch 7'),
    )
  })

  it('an act that nobody had approved, or somebody only after it', () => {
    const decision = clean.lines.find(({ kind }) => kind === 'decision') as ServiceLine
    const problem = 'A1: visa was requested before it was approved'
    expect(withLines(without(decision))).toContain(problem)
    expect(withLines([...without(decision), decision])).toContain(problem)
    const no = { ...decision, args: { what: 'visa', decision: 'deny' } }
    expect(withLines(replaced(clean.lines, decision, no))).toContain(problem)
  })

  it('a history in which an approval or a compensation comes out of its turn', () => {
    const { entries } = clean.file
    const no = (left: string) => entries.filter(({ kind }) => kind !== left)
    expect(withFile({ entries: no('approval-approved') })).toContainEqual(
      expect.stringContaining('effect-claimed follows requires_approval'),
    )
    expect(withFile({ entries: no('compensation-claimed') })).toContainEqual(
      expect.stringContaining('effect-compensated follows succeeded'),
    )
  })

  it('a deed that happened again, and a request that belongs to nothing', () => {
    const act = actOf('seat')
    expect(withLines([...clean.lines, act])).toContain('I5: seat is compensated, and acted 2 times')
    expect(withLines([...clean.lines, { ...act, kind: 'repeat' }])).toContain(
      'I4: seat was requested 2 times, allowed were 1',
    )
    const stranger = { ...act, effect: { key: 'none', generation: 1, epoch: 1 } }
    expect(withLines([...clean.lines, stranger])).toContain('I6: a request of seat belongs to no effect')
  })

  function withLines(lines: readonly ServiceLine[]): string[] {
    return tripProblems({ ...clean, lines })
  }

  function withFile(part: Partial<File>): string[] {
    return tripProblems({ ...clean, file: { ...clean.file, ...part } })
  }

  function withStatus(what: string, status: File['effects'][number]['status']): string[] {
    return withFile({
      effects: clean.file.effects.map((effect) => (effect.tool === what ? { ...effect, status } : effect)),
    })
  }

  function actOf(what: string): ServiceLine {
    return clean.lines.find(({ kind, tool }) => kind === 'act' && tool === what) as ServiceLine
  }

  function undoOf(what: string): ServiceLine {
    return clean.lines.find(
      ({ tool, args }) => tool === 'undo' && (args as { what: string }).what === what,
    ) as ServiceLine
  }

  function without(gone: ServiceLine): ServiceLine[] {
    return clean.lines.filter((line) => line !== gone)
  }
})

function replaced<T>(all: readonly T[], old: T, by: T): T[] {
  return all.map((one) => (one === old ? by : one))
}

function swapped<T>(all: readonly T[], one: T, other: T): T[] {
  return all.map((each) => (each === one ? other : each === other ? one : each))
}
