import { isDeepStrictEqual } from 'node:util'
import { grantsOf, historyProblems } from './effect-history.ts'
import type { LedgerFile, LoggedEntry } from './ledger-file.ts'
import type { Policy } from './order-tools.ts'
import type { ServiceLine } from './outside-log.ts'

/** What a finished case left behind. */
export interface Evidence {
  readonly policy: Policy
  readonly file: LedgerFile
  readonly lines: readonly ServiceLine[]
  /** `tool what`: each is to have happened once, and nothing else. */
  readonly deeds: readonly string[]
}

/** Everything that is wrong with a finished case; the numbers are those of the invariants in the tests' titles. */
export function problemsOf(evidence: Evidence): string[] {
  return [
    ...bookProblems(evidence.file),
    ...leftOpen(evidence.file),
    ...requestProblems(evidence),
    ...resultProblems(evidence),
    ...writeAheadProblems(evidence.lines),
    ...deedProblems(evidence),
  ]
}

/** I12: nothing is left open. */
function leftOpen({ effects, runs }: LedgerFile): string[] {
  const open = effects.filter(({ status }) => status === 'processing' || status === 'unknown')
  return [
    ...open.map(({ tool, status }) => `I12: ${tool} is left ${status}`),
    ...runs.filter(({ status }) => status !== 'completed').map(({ id, status }) => `I12: run ${id} is left ${status}`),
  ]
}

/** I1, I3, I11: one row per key and generation, gapless streams, and histories that may be. */
export function bookProblems({ effects, entries, verification }: LedgerFile): string[] {
  const generations = effects.map(({ key, generation }) => `${key} generation ${generation}`)
  return [
    ...verification.problems.map(({ what, where }) => `verify: ${what} (${where})`),
    ...repeated(generations).map((which) => `I1: more than one row of ${which}`),
    ...gaps(entries),
    ...runEpochProblems(entries),
    ...effects.flatMap((effect) => historyProblems(effect, entries)),
  ]
}

function gaps(entries: readonly LoggedEntry[]): string[] {
  const last = new Map<string, number>()
  return entries.flatMap(({ stream, number }) => {
    const expected = (last.get(stream) ?? 0) + 1
    last.set(stream, number)
    return number === expected ? [] : [`I11: entry ${number} of ${stream} stands where ${expected} belongs`]
  })
}

/** I3 for runs: each takeover raises the epoch. */
function runEpochProblems(entries: readonly LoggedEntry[]): string[] {
  const last = new Map<string, number>()
  return entries.flatMap(({ stream, kind, detail }) => {
    if (!kind.startsWith('run-') || typeof detail.epoch !== 'number') return []
    const before = last.get(stream) ?? 0
    last.set(stream, detail.epoch)
    return detail.epoch > before ? [] : [`I3: run ${stream}: epoch ${detail.epoch} follows ${before}`]
  })
}

/** I4, I7: no more requests than rights to make them; one alone where nothing declares that more are safe. */
function requestProblems({ policy, file, lines }: Evidence): string[] {
  const requests = lines.filter(({ key }) => key !== null)
  const strangers = requests.filter(({ key }) => !file.effects.some(({ idempotencyKey }) => idempotencyKey === key))
  return [
    ...strangers.map(({ tool }) => `I6: a request of ${tool} belongs to no effect on record`),
    ...file.effects.flatMap((effect) => {
      const made = requests.filter(({ key }) => key === effect.idempotencyKey).length
      const isSafeToRepeat = policy === 'retry' || effect.tool === 'flaky'
      const allowed = isSafeToRepeat ? grantsOf(effect, file.entries) : 1
      return made > allowed ? [`I4: ${effect.tool} was requested ${made} times, allowed were ${allowed}`] : []
    }),
    ...answeredAgain(file, lines),
  ]
}

/** I7: a call whose answer is on record, to be served, is not made again. */
function answeredAgain({ calls }: LedgerFile, lines: readonly ServiceLine[]): string[] {
  const onRecord = calls
    .filter(({ status }) => status === 'succeeded')
    .map(({ response }) => JSON.parse(response ?? ''))
  const answered = lines.filter(
    ({ kind, result }) => kind === 'call' && onRecord.some((one) => isDeepStrictEqual(one, result)),
  )
  return repeated(answered.map(({ args }) => JSON.stringify(args))).map(
    (call) => `I7: an answered call was made again: ${call}`,
  )
}

/** I5: a success on record is one act outside with that very result; what is on record as failed did not act. */
function resultProblems({ file, lines }: Evidence): string[] {
  // A row in the ledger's own database is no act outside.
  const outside = file.effects.filter(({ tool }) => tool !== 'row')
  return outside.flatMap((effect) => {
    const acts = lines.filter(({ kind, key }) => kind === 'act' && key === effect.idempotencyKey)
    const done = acts.filter(({ declined }) => !declined)
    if (acts.length > 1) return [`I5: ${effect.tool} acted ${acts.length} times under one downstream key`]
    if (effect.status === 'failed')
      return done.length === 0 ? [] : [`I5: ${effect.tool} is on record as failed, and it acted`]
    if (done.length !== 1) return [`I5: ${effect.tool} is ${effect.status}, and acted ${done.length} times`]
    return isDeepStrictEqual(done[0]?.result, effect.result) ? [] : [`I5: ${effect.tool} has another result on record`]
  })
}

/** I6: when a request arrived, the ledger's file already said that it may, under the epoch that made it. */
function writeAheadProblems(lines: readonly ServiceLine[]): string[] {
  return lines.flatMap(({ kind, tool, effect, onRecord }) => {
    if (kind === 'read') return []
    const expected = kind === 'call' ? 'open' : 'processing'
    if (onRecord?.status !== expected) return [`I6: ${tool} acted while on record as ${onRecord?.status}`]
    const isItsOwn = kind === 'call' || onRecord.epoch === effect?.epoch
    return isItsOwn ? [] : [`I6: ${tool} acted under epoch ${effect?.epoch}, on record was ${onRecord.epoch}`]
  })
}

/** What was to happen outside happened once, whatever keys it took. */
function deedProblems({ lines, deeds }: Evidence): string[] {
  const done = lines.filter(({ kind, declined }) => kind === 'act' && !declined).map(deedOf)
  return [
    ...deeds.filter((deed) => !done.includes(deed)).map((deed) => `did not happen: ${deed}`),
    ...done.filter((deed) => !deeds.includes(deed)).map((deed) => `should not have happened: ${deed}`),
    ...repeated(done).map((deed) => `happened more than once: ${deed}`),
  ]
}

function deedOf({ tool, args }: ServiceLine): string {
  return `${tool} ${(args as { what: string }).what}`
}

export function repeated(all: readonly string[]): string[] {
  return all.filter((one, index) => all.indexOf(one) !== index)
}
