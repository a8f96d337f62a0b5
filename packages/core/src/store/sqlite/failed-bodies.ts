import { bodyOf, laneOfBody, readPart } from '../../util/effect-key-text.ts'
import type { LaneEffect, WrittenBelow } from '../read-verbs.ts'
import { EFFECT_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { LowerWrites } from './lower-writes.ts'
import { firstId, lastId } from './numbering.ts'
import { CLAIM_ENTRIES, MAY_HAVE_HAPPENED } from './subtree-sql.ts'

interface Claim {
  lane: string
  key: Buffer
  generation: number
  tool: string
  status: number
  caller_keyed: number
}

/** Finds what was written in bodies that failed: their effects count as not having happened, what they did has. */
export class FailedBodies {
  readonly #lower: LowerWrites
  readonly #claims: SqliteStatement<Claim>

  constructor(database: SqliteDatabase, lower: LowerWrites) {
    this.#lower = lower
    this.#claims = database.prepare(CLAIMS)
  }

  /** Of those whose claims come after the entry `from`. */
  of(runSeq: number, lane: string, effects: readonly LaneEffect[], from: number): readonly WrittenBelow[] {
    const failed = effects.filter(({ status, callerKeyed }) => status === 'failed' && !callerKeyed)
    if (failed.length === 0) return []
    const first = firstId(runSeq)
    const rows = this.#claims.all(first, lastId(runSeq), runSeq, first, from)
    const claims = Map.groupBy(rows, ({ lane: at }) => bodyOf(at))
    const inChildren = new Map(this.#lower.childrenOf(runSeq).map((child) => [bodyOf(child.lane), child.tool]))
    const writtenIn = (body: string): string | undefined => {
      for (const claim of claims.get(body) ?? []) {
        if (claim.caller_keyed === 0 && MAY_HAVE_HAPPENED.includes(claim.status)) return claim.tool
        const tool = claim.status === EFFECT_CODE.failed ? writtenIn(innerLane(claim.lane, claim)) : undefined
        if (tool !== undefined) return tool
      }
      return inChildren.get(body)
    }
    return failed.flatMap((effect): WrittenBelow[] => {
      const tool = writtenIn(innerLane(lane, effect))
      return tool === undefined ? [] : [{ through: 'effect', id: readPart(effect.key), tool }]
    })
  }
}

const CLAIMS = `SELECT f.lane, f.key, f.generation, f.tool, f.status, f.caller_keyed FROM entry e JOIN effect f ON f.id = e.effect
  WHERE e.id BETWEEN ? AND ? AND e.kind IN (${CLAIM_ENTRIES})
    AND f.run_seq = ? AND f.claim_entry = e.id - ? AND f.claim_entry > ? ORDER BY e.id`

function innerLane(lane: string, { key, generation }: { readonly key: Buffer; readonly generation: number }): string {
  return laneOfBody(lane, key, generation)
}
