import { crashPoint } from '../../util/crash-point.ts'
import type { ClaimEffect, Claimed } from '../effect-verbs.ts'
import { EFFECT_CODE, RECORD_LEVEL_CODE, UNDO_CODE } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { DroppedBodies } from './dropped-bodies.ts'
import { type EffectRow, storedLease } from './effect-rows.ts'
import { Entries, entryBody } from './entries.ts'

/** What a new row is: the epochs go on, so that whoever holds one of an earlier generation cannot settle this one. */
export type Life = Pick<Claimed, 'ownerSeq' | 'key' | 'generation' | 'epoch'>

/** Writes that a body may run: into a new row, or into one whose generation goes on. */
export class EffectStarts {
  readonly #context: VerbContext
  readonly #entries: Entries
  readonly #dropped: DroppedBodies
  readonly #insert: SqliteStatement
  readonly #again: SqliteStatement

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#entries = new Entries(database)
    this.#dropped = new DroppedBodies(database)
    this.#insert = database.prepare(INSERT)
    this.#again = database.prepare(AGAIN)
  }

  /** The first attempt of a generation. `edited`: a human's arguments, instead of the claim's. */
  first(claim: ClaimEffect, life: Life, edited: EditedArgs | null): Claimed {
    const { run, at } = claim
    const number = this.#entries.count(run.seq) + 1
    const plain = isPlain(claim, life)
    const id = this.#insertRow(withArgs(claim, edited), life, number, this.#lease(claim))
    const { ownerSeq, key, generation, epoch } = life
    const fresh = { epoch, attempt: 1, plain, firstAt: at, args: edited?.args ?? null }
    const claimed: Claimed = { kind: 'claimed', id, ownerSeq, key, generation, ...fresh }
    const body = claimBody(claim.tool, claimed)
    this.#entries.write(run.seq, number, { kind: 'effect-claimed', effect: id, at, body })
    crashPoint('in-claim-transaction')
    return claimed
  }

  /**
   * A row of a generation that nobody may execute yet. The entry that its place names is the one of the question, which
   * the caller writes next: only a claim makes it a part of its lane's history.
   */
  waiting(claim: ClaimEffect, life: Life): number {
    const number = this.#entries.count(claim.run.seq) + 1
    return this.#insertRow(claim, life, number, null)
  }

  /** One more attempt of the same generation, which has failed, or the first of one that a human approved. */
  again(claim: ClaimEffect, row: EffectRow, edited: EditedArgs | null): Claimed {
    const { run, at } = claim
    const number = this.#entries.count(run.seq) + 1
    // What a run executed keeps its place in the run's history; one of a scope moves to the run that has it now.
    const keepsPlace = row.run_seq === run.seq && row.attempt > 0 && row.claim_entry > row.history_from
    const isFirst = row.attempt === 0
    const { args, argsHash, ...rest } = withArgs(claim, edited)
    this.#again.run(
      ...this.#lease(claim),
      run.seq,
      keepsPlace ? row.lane : claim.lane,
      keepsPlace ? null : claim.callsSeen,
      keepsPlace ? null : number,
      keepsPlace ? row.parent_effect : claim.parentEffect,
      ...natureOf(rest),
      args,
      argsHash,
      isFirst ? at : null,
      at,
      row.id,
      row.epoch,
      row.status,
    )
    if (claim.recordLevel === 'hash') this.#dropped.mark(run.seq)
    const claimed = claimedAgain(isFirst ? { ...row, first_at: at } : row, edited)
    const body = claimBody(row.tool, claimed)
    this.#entries.write(run.seq, number, { kind: 'effect-claimed', effect: row.id, at, body })
    crashPoint('in-claim-transaction')
    return claimed
  }

  /** `lease`: null where nobody may execute it yet. */
  #insertRow(claim: ClaimEffect, life: Life, number: number, lease: LeaseColumns | null): number {
    const [owner, leasedAt, leaseMs] = lease ?? NOBODY
    const [byHand, undo, group, level, digest] = natureOf(claim)
    const inserted = this.#insert.run(
      life.ownerSeq,
      life.key,
      life.generation,
      claim.run.seq,
      claim.tool,
      life.epoch,
      lease === null ? EFFECT_CODE.requires_approval : EFFECT_CODE.processing,
      lease === null ? 0 : 1,
      owner,
      leasedAt,
      leaseMs,
      claim.lane,
      claim.parentEffect,
      claim.callerKeyed ? 1 : 0,
      isPlain(claim, life) ? 1 : 0,
      claim.callsSeen,
      claim.argsHash,
      claim.at,
      claim.at,
      number,
      byHand,
      undo,
      group,
      level,
      digest,
      claim.args,
    )
    if (claim.recordLevel === 'hash') this.#dropped.mark(claim.run.seq)
    return Number(inserted.lastInsertRowid)
  }

  #lease({ leaseMs }: ClaimEffect): LeaseColumns {
    return [this.#context.connection.owner.id, monotonicMs(this.#context.clock), storedLease(leaseMs)]
  }
}

/** What a human put in the place of the arguments that were asked about. */
export type EditedArgs = Pick<EffectRow, 'args' | 'args_digest'>
type LeaseColumns = [owner: number | null, leasedAt: number | null, leaseMs: number | null]

const NOBODY: LeaseColumns = [null, null, null]

const INSERT = `INSERT INTO effect (owner_seq, key, generation, run_seq, tool, epoch, status, attempt, owner, leased_at, lease_ms,
  lane, parent_effect, caller_keyed, plain, calls_seen, args_hash, first_at, claimed_at, claim_entry,
  by_hand, undo, saga_group, record_level, args_digest, args)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const AGAIN = `UPDATE effect SET status = ${EFFECT_CODE.processing}, epoch = epoch + 1, attempt = attempt + 1, owner = ?,
  leased_at = ?, lease_ms = ?, run_seq = ?, lane = ?, calls_seen = coalesce(?, calls_seen),
  claim_entry = coalesce(?, claim_entry), parent_effect = ?,
  by_hand = ?, undo = ?, saga_group = ?, record_level = ?, args_digest = ?, args = ?, args_hash = ?,
  first_at = coalesce(?, first_at), claimed_at = ?, ended_at = NULL, certainty = NULL, error = NULL, unknown_of = NULL
  WHERE id = ? AND epoch = ? AND status = ?`

/** The row itself answers the first perform of its key; later generations have answer rows. */
function isPlain({ owner }: ClaimEffect, { generation }: Life): boolean {
  return generation === 1 && owner.kind === 'run'
}

function withArgs(claim: ClaimEffect, edited: EditedArgs | null): ClaimEffect {
  return edited === null ? claim : { ...claim, args: edited.args, argsDigest: edited.args_digest }
}

type NatureColumns = [byHand: number, undo: number, group: number | null, level: number, digest: Buffer | null]
type Nature = Pick<ClaimEffect, 'byHand' | 'undo' | 'group' | 'recordLevel' | 'argsDigest'>

/** What its tool is like, in the columns from `by_hand` to `args_digest`. */
function natureOf({ byHand, undo, group, recordLevel, argsDigest }: Nature): NatureColumns {
  const level = RECORD_LEVEL_CODE[recordLevel ?? 'full']
  return [byHand === true ? 1 : 0, UNDO_CODE[undo ?? 'none'], group ?? null, level, argsDigest ?? null]
}

/** The right to run the same generation once more. */
export function claimedAgain(row: EffectRow, edited: EditedArgs | null): Claimed {
  return {
    kind: 'claimed',
    id: row.id,
    ownerSeq: row.owner_seq,
    key: row.key,
    epoch: row.epoch + 1,
    generation: row.generation,
    attempt: row.attempt + 1,
    plain: row.plain === 1,
    firstAt: row.first_at,
    args: edited?.args ?? null,
  }
}

/** What an entry about a claim or a takeover says. */
export function claimBody(tool: string, { generation, attempt, epoch }: Claimed): string {
  return entryBody({ tool, generation, attempt, epoch })
}
