import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { PARAMETER } from './sql.ts'

interface WaitRow {
  id: number
  parent_effect: number | null
  waiting_for: number | null
}

/**
 * Who waits for whom, over all processes: an effect's body that waits for another effect says so on its own row and
 * on those of its ancestors, none of which can end before. A wait that leads back to one of them would never end.
 */
export class EffectWaits {
  readonly #select: SqliteStatement<WaitRow>
  readonly #opener: SqliteStatement<{ parent_effect: number | null }>
  readonly #wait: SqliteStatement
  readonly #endWait: SqliteStatement

  constructor(database: SqliteDatabase) {
    this.#select = database.prepare(SELECT)
    this.#opener = database.prepare('SELECT parent_effect FROM run WHERE seq = ?')
    this.#wait = database.prepare('UPDATE effect SET waiting_for = ? WHERE id = ?')
    this.#endWait = database.prepare('UPDATE effect SET waiting_for = NULL WHERE id = ? AND waiting_for = ?')
  }

  /** The effect whose body the caller is in: its own, or the one in which its run was opened. */
  waiterOf(parentEffect: number | null, runSeq: number): number | null {
    return parentEffect ?? this.#opener.get(runSeq)?.parent_effect ?? null
  }

  /** Whether `waiter`'s body would wait for itself; records the wait if not and `willWait`. */
  closesCycle(waiter: number, busy: number, willWait: boolean): boolean {
    const waiters = this.#withAncestors(waiter)
    const isCycle = this.#leadsTo(busy, new Set(waiters))
    if (!isCycle && willWait) for (const id of waiters) this.#wait.run(busy, id)
    return isCycle
  }

  endWait(waiter: number): void {
    const busy = this.#select.get(waiter)?.waiting_for
    if (busy === null || busy === undefined) return
    // A sibling strand may have made an ancestor wait for something else meanwhile: that wait is not ours to end.
    for (const id of this.#withAncestors(waiter)) this.#endWait.run(id, busy)
  }

  #leadsTo(start: number, targets: ReadonlySet<number>): boolean {
    const seen = new Set<number>()
    let id: number | null = start
    while (id !== null && !seen.has(id)) {
      if (targets.has(id)) return true
      seen.add(id)
      const row: WaitRow | undefined = this.#select.get(id)
      // Cleared with each outcome: an effect that waits is one that is being processed.
      id = row?.waiting_for ?? null
    }
    return false
  }

  #withAncestors(effect: number): readonly number[] {
    const ids: number[] = []
    let id: number | null | undefined = effect
    while (id !== null && id !== undefined && !ids.includes(id)) {
      ids.push(id)
      id = this.#select.get(id)?.parent_effect
    }
    return ids
  }
}

// The first effects of a child run stand inside the effect in which that run was opened.
const SELECT = `SELECT f.id, coalesce(f.parent_effect, r.parent_effect) AS parent_effect, f.waiting_for
  FROM effect f JOIN run r ON r.seq = f.run_seq WHERE f.id = ${PARAMETER}`
