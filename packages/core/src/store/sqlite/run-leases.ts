import { crashPoint } from '../../util/crash-point.ts'
import type { LeasesRenewed, RenewLeases } from '../run-verbs.ts'
import { EFFECT_CODE, RUN_CODE, runStatus } from './codes.ts'
import { monotonicMs, type VerbContext } from './context.ts'
import type { SqliteStatement } from './driver.ts'
import { isOpen } from './fence.ts'

interface Found {
  id: number
  epoch: number
  status: number | null
  now_epoch: number | null
  halt: string | null
}

/** Renews all leases of this process by one row, and looks which of its runs and effects are still its own. */
export class LeaseRenewal {
  readonly #context: VerbContext
  readonly #beat: SqliteStatement
  readonly #runs: SqliteStatement<Found>
  readonly #effects: SqliteStatement<Found>

  constructor(context: VerbContext) {
    const { database } = context
    this.#context = context
    this.#beat = database.prepare('UPDATE owner SET beat = max(beat, ?) WHERE id = ?')
    this.#runs = database.prepare<Found>(RUNS)
    this.#effects = database.prepare<Found>(EFFECTS)
  }

  renewLeases({ runs, effects }: RenewLeases): LeasesRenewed {
    this.#beat.run(monotonicMs(this.#context.clock), this.#context.connection.owner.id)
    crashPoint('in-heartbeat')
    const found = this.#runs.all(JSON.stringify(runs.map(({ seq, epoch }) => [seq, epoch])))
    const held = this.#effects.all(JSON.stringify(effects.map(({ id, epoch }) => [id, epoch])))
    const lost = found.filter((run) => !isHeld(run))
    const halted = found.filter((run) => isHeld(run) && run.halt !== null && run.status !== RUN_CODE.compensating)
    return {
      lostRuns: lost.map(({ id, epoch, status }) => ({
        ...{ seq: id, epoch },
        status: runStatus(status ?? RUN_CODE.canceled),
      })),
      haltedRuns: halted.map(({ id, epoch, halt }) => ({ seq: id, epoch, halt: halt ?? '' })),
      lostEffects: held.filter((one) => !isActedOn(one)).map(({ id, epoch }) => ({ id, epoch })),
    }
  }
}

const RUNS = `SELECT j.value ->> 0 AS id, j.value ->> 1 AS epoch, r.status, r.epoch AS now_epoch, r.halt
  FROM json_each(?) j LEFT JOIN run r ON r.seq = j.value ->> 0`
const EFFECTS = `SELECT j.value ->> 0 AS id, j.value ->> 1 AS epoch, f.status, f.epoch AS now_epoch, NULL AS halt
  FROM json_each(?) j LEFT JOIN effect f ON f.id = j.value ->> 0`

function isHeld({ status, epoch, now_epoch }: Found): boolean {
  return status !== null && epoch === now_epoch && (isOpen(status) || HELD.includes(status))
}

function isActedOn({ status, epoch, now_epoch }: Found): boolean {
  return status !== null && epoch === now_epoch && ACTED_ON.includes(status)
}

const HELD: readonly number[] = [RUN_CODE.waiting, RUN_CODE.compensating]
const ACTED_ON: readonly number[] = [EFFECT_CODE.processing, EFFECT_CODE.compensating]
