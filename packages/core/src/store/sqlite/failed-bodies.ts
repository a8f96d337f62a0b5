import { bodyOf, laneOfBody, readPart } from '../../util/effect-key-text.ts'
import type { LaneEffect, WrittenBelow } from '../read-verbs.ts'
import { EFFECT_CODE, ENTRY_CODE } from './codes.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import type { LowerWrites } from './lower-writes.ts'
import { firstId, lastId } from './numbering.ts'

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

  of(runSeq: number, lane: string, effects: readonly LaneEffect[]): readonly WrittenBelow[] {
    const failed = effects.filter(({ status, callerKeyed }) => status === 'failed' && !callerKeyed)
    if (failed.length === 0) return []
    const first = firstId(runSeq)
    const claims = Map.groupBy(this.#claims.all(first, lastId(runSeq), runSeq, first), ({ lane: at }) => bodyOf(at))
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

const MAY_HAVE_HAPPENED: readonly number[] = [EFFECT_CODE.succeeded, EFFECT_CODE.unknown, EFFECT_CODE.processing]

const CLAIMS = `SELECT f.lane, f.key, f.generation, f.tool, f.status, f.caller_keyed FROM entry e JOIN effect f ON f.id = e.effect
  WHERE e.id BETWEEN ? AND ? AND e.kind IN (${ENTRY_CODE['effect-claimed']}, ${ENTRY_CODE['effect-taken-over']})
    AND f.run_seq = ? AND f.claim_entry = e.id - ? ORDER BY e.id`

function innerLane(lane: string, { key, generation }: { readonly key: Buffer; readonly generation: number }): string {
  return laneOfBody(lane, key, generation)
}
