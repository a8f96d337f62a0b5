import type { EffectView } from 'holdfast'
import type { LedgerFile, LoggedEntry, LoggedRun } from './ledger-file.ts'
import type { Policy } from './order-tools.ts'
import type { ServiceLine } from './outside-log.ts'
import { stepsOf, type Trip, type TripStep } from './trip.ts'

/** What a trip that is over left behind. */
export interface TripEvidence {
  readonly trip: Trip
  readonly policy: Policy
  readonly file: LedgerFile
  readonly lines: readonly ServiceLine[]
  /** A human has seen to what no process could settle. */
  readonly isSettled: boolean
}

/** A line of the service's log, and its place there. */
export interface Placed extends ServiceLine {
  readonly at: number
}

/** One life of a step, by the ledger and by the service. */
export interface Deed {
  readonly step: TripStep
  /** What is in one stage is in no order; a higher one came later. */
  readonly stage: number
  readonly effect: EffectView
  readonly entries: readonly LoggedEntry[]
  /** The topmost run of those that it is part of and that ended badly: its failure is to undo it. */
  readonly failedRun: LoggedRun | undefined
  readonly asked: readonly Placed[]
  readonly acts: readonly Placed[]
  readonly undoings: readonly Placed[]
  readonly undone: readonly Placed[]
  readonly decisions: readonly Placed[]
}

const BAD = ['failed', 'compensated', 'compensation_failed']

export function deedsOf({ trip, file, lines }: TripEvidence): Deed[] {
  const placed = lines.map((line, at) => ({ ...line, at }))
  return file.effects.flatMap((effect) => {
    const step = stepsOf(trip).find(({ what }) => what === effect.tool)
    return step === undefined ? [] : [deedOf(effect, { trip, file, step }, placed)]
  })
}

interface Where {
  readonly trip: Trip
  readonly file: LedgerFile
  readonly step: TripStep
}

function deedOf(effect: EffectView, { trip, file, step }: Where, placed: readonly Placed[]): Deed {
  const own = placed.filter((line) => line.effect?.key === effect.key && line.effect.generation === effect.generation)
  const asked = own.filter(({ tool }) => tool === step.what)
  const undoings = own.filter(({ tool }) => tool === 'undo')
  return {
    ...{ step, effect, asked, undoings },
    stage: trip.stages.findIndex((steps) => steps.includes(step)),
    entries: file.entries.filter((entry) => entry.effect === effect.id),
    failedRun: topmostFailed(file.runs, effect.runId),
    acts: asked.filter(isDone),
    undone: undoings.filter(isDone),
    decisions: own.filter(({ kind }) => kind === 'decision'),
  }
}

/** Of a run and those above it the topmost that ended badly: its failure is to undo what they did. */
export function topmostFailed(runs: readonly LoggedRun[], id: string): LoggedRun | undefined {
  return linesUp(runs, id).findLast(({ status }) => BAD.includes(status))
}

/** A run and those above it. */
function linesUp(runs: readonly LoggedRun[], id: string | null): readonly LoggedRun[] {
  const run = runs.find((one) => one.id === id)
  return run === undefined ? [] : [run, ...linesUp(runs, run.parentId)]
}

function isDone({ kind, declined }: ServiceLine): boolean {
  return kind === 'act' && !declined
}

/** What a deed is on record as, with what is known of a failure. */
export function statusOf({ effect: { status, certainty } }: Pick<Deed, 'effect'>): string {
  return status === 'failed' ? `failed:${certainty}` : status
}
