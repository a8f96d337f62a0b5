import { ConfigError } from '../../errors/config-error.ts'
import { crashPoint } from '../../util/crash-point.ts'
import type { CommitEffect, EffectCommitted, EffectOutcome } from '../effect-verbs.ts'
import type { EntryKind } from '../records.ts'
import { isAsked } from './approval-gate.ts'
import { Approvals } from './approvals.ts'
import { CERTAINTY_CODE, EFFECT_CODE } from './codes.ts'
import type { VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { effectEntryBody } from './effect-entry.ts'
import { EffectFinder } from './effect-finder.ts'
import { EffectOutcomes } from './effect-outcomes.ts'
import { type EffectRow, toEffect } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'
import { Fence } from './fence.ts'
import { runUserCommit } from './user-commit.ts'

/** Records what the body of an effect came to. */
export class EffectCommits {
  readonly #context: VerbContext
  readonly #fence: Fence
  readonly #finder: EffectFinder
  readonly #outcomes: EffectOutcomes
  readonly #entries: Entries
  readonly #approvals: Approvals
  readonly #dropped: DroppedBodies
  readonly #retry: SqliteStatement<{ attempt: number; record_level: number }>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#fence = new Fence(database)
    this.#finder = new EffectFinder(database)
    this.#outcomes = new EffectOutcomes(database)
    this.#entries = new Entries(database)
    this.#approvals = new Approvals(database)
    this.#dropped = new DroppedBodies(database)
    this.#retry = database.prepare(RETRY)
  }

  commitEffect(commit: CommitEffect): EffectCommitted {
    const { outcome } = commit
    const isFenced = this.#fence.mayEnd(commit.run) !== null
    if (outcome.kind !== 'retry') return this.#commitFinal(commit, outcome, isFenced)
    // A run that somebody took over may not try again: this attempt was its last.
    return isFenced ? this.#commitFinal(commit, lastAttempt(outcome), true) : this.#commitRetry(commit, outcome)
  }

  #commitFinal(commit: CommitEffect, outcome: FinalOutcome, isFenced: boolean): EffectCommitted {
    const { run, id, epoch, at } = commit
    const settled = this.#outcomes.settle({
      id,
      epoch,
      from: 'processing',
      runSeq: run.seq,
      rootSeq: run.rootSeq,
      outcome,
      at,
    })
    if (settled === null) return this.#commitLate(commit, outcome)
    const body = entryBody({ attempt: settled.attempt, ...factsOf(outcome) })
    this.#entries.writeAnywhere(
      run.seq,
      settled.number,
      { kind: ENTRY_OF[outcome.kind], effect: id, at, body },
      !isFenced,
    )
    this.#runUserCommit(commit)
    this.#dropped.dropLate({ run_seq: run.seq, record_level: settled.recordLevel }, at)
    crashPoint('in-commit-transaction')
    if (isFenced) return { kind: 'evidence', effect: toEffect(this.#finder.byId(id)) }
    return { kind: 'committed', commitSeq: settled.commitSeq, attempt: settled.attempt }
  }

  /** The attempt failed and another follows: the row stays where it is, counted. */
  #commitRetry(commit: CommitEffect, outcome: RetryOutcome): EffectCommitted {
    const { run, id, epoch, at } = commit
    const row = this.#retry.get(id, epoch)
    if (row === undefined) return this.#keepLate(commit, this.#finder.byId(id))
    const facts = { attempt: row.attempt - 1, certainty: outcome.certainty }
    const body = effectEntryBody(row, facts, 'error', outcome.error)
    this.#entries.append(run.seq, { kind: 'effect-retried', effect: id, at, body })
    return { kind: 'committed', commitSeq: null, attempt: row.attempt }
  }

  /** The effect is no longer this caller's. What it knows is still the truth about its own attempt. */
  #commitLate(commit: CommitEffect, outcome: FinalOutcome): EffectCommitted {
    const { id, epoch } = commit
    const row = this.#finder.byId(id)
    const isMine = row.status === EFFECT_CODE.succeeded && row.epoch === epoch
    const isRepeated = isMine && outcome.kind === 'succeeded' && row.result === outcome.result
    if (isRepeated) return { kind: 'committed', commitSeq: row.commit_seq, attempt: row.attempt }
    const isInDoubt = row.status === EFFECT_CODE.unknown || (isAsked(row) && row.certainty === CERTAINTY_CODE.in_doubt)
    const isEvidence = isInDoubt && row.unknown_of === epoch && outcome.kind !== 'unknown'
    if (!isEvidence) return this.#keepLate(commit, row)
    return this.#settleByEvidence(commit, outcome, isAsked(row) ? this.#approvals.withdraw(row, commit.at) : row)
  }

  /** It lost only to an expiry that nobody has resolved: now somebody knows. */
  #settleByEvidence(commit: CommitEffect, outcome: FinalOutcome, row: EffectRow): EffectCommitted {
    const { id, at } = commit
    const { rootSeq } = commit.run
    const settled = this.#outcomes.settle({
      id,
      epoch: row.epoch,
      from: 'unknown',
      runSeq: row.run_seq,
      rootSeq,
      outcome,
      at,
    })
    if (settled === null) return this.#keepLate(commit, row)
    const body = entryBody({ outcome: outcome.kind, attempt: row.attempt, ...factsOf(outcome) })
    this.#entries.writeAnywhere(row.run_seq, settled.number, { kind: 'effect-evidence', effect: id, at, body }, false)
    this.#runUserCommit(commit)
    this.#dropped.dropLate(row, at)
    crashPoint('in-commit-transaction')
    return { kind: 'evidence', effect: toEffect(this.#finder.byId(id)) }
  }

  /** Kept for the reconcile hook and the human. */
  #keepLate({ epoch, outcome, at }: CommitEffect, row: EffectRow): EffectCommitted {
    const facts = { outcome: outcome.kind, epoch, ...factsOf(outcome) }
    const body =
      outcome.kind === 'succeeded'
        ? effectEntryBody(row, facts, 'result', outcome.result)
        : effectEntryBody(row, facts, 'error', outcome.error)
    this.#entries.appendAnywhere(row.run_seq, { kind: 'late-outcome', effect: row.id, at, body })
    return { kind: 'lost', effect: toEffect(row) }
  }

  #runUserCommit({ userCommit, outcome }: CommitEffect): void {
    if (userCommit === null) return
    if (outcome.kind !== 'succeeded') throw new ConfigError('Only an effect that succeeded can have a commit callback.')
    runUserCommit(this.#context.database, userCommit)
  }
}

type FinalOutcome = Exclude<EffectOutcome, { kind: 'retry' }>
type RetryOutcome = Extract<EffectOutcome, { kind: 'retry' }>

const RETRY = `UPDATE effect SET attempt = attempt + 1 WHERE id = ? AND epoch = ? AND status = ${EFFECT_CODE.processing}
  RETURNING attempt, record_level`

const ENTRY_OF: Readonly<Record<FinalOutcome['kind'], EntryKind>> = {
  succeeded: 'effect-succeeded',
  failed: 'effect-failed',
  unknown: 'effect-unknown',
}

function lastAttempt({ error, certainty }: RetryOutcome): FinalOutcome {
  return certainty === 'in_doubt' ? { kind: 'unknown', error } : { kind: 'failed', error, certainty }
}

function factsOf(outcome: EffectOutcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === 'succeeded') return outcome.kept ? {} : { kept: false }
  return outcome.kind === 'unknown' ? { reason: 'in_doubt' } : { certainty: outcome.certainty }
}
