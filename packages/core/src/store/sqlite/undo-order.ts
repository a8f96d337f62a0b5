import type { EffectRow } from './effect-rows.ts'

/** An effect, and the tree of runs in which its commit is numbered. */
export type UndoRow = EffectRow & { readonly root_seq: number }

/**
 * What has no commit first: nobody knows yet what there is to undo of it. Then the last commit first. Commits are
 * numbered over a tree of runs; of a run that came from another tree only the times can be compared.
 */
export function inUndoOrder(rows: readonly UndoRow[]): readonly UndoRow[] {
  const open = rows.filter((row) => row.commit_seq === null)
  const trees = Map.groupBy(
    rows.filter((row) => row.commit_seq !== null),
    (row) => row.root_seq,
  )
  const committed = [...trees.values()].map((tree) => tree.toSorted(byLastCommit))
  return [...open.toSorted((one, other) => one.status - other.status || other.id - one.id), ...merged(committed)]
}

function byLastCommit(one: UndoRow, other: UndoRow): number {
  return (other.commit_seq ?? 0) - (one.commit_seq ?? 0)
}

/** Each tree's own order is kept. */
function merged(trees: readonly (readonly UndoRow[])[]): readonly UndoRow[] {
  if (trees.length < 2) return trees[0] ?? []
  const rest = trees.map((tree) => [...tree].reverse())
  const rows: UndoRow[] = []
  for (;;) {
    const [latest] = rest.filter((tree) => tree.length > 0).toSorted((one, other) => endOf(other) - endOf(one))
    const row = latest?.pop()
    if (row === undefined) return rows
    rows.push(row)
  }
}

function endOf(tree: readonly UndoRow[]): number {
  return tree.at(-1)?.ended_at ?? 0
}
