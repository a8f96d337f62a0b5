const PAGE = 2_000

/** All rows of a query, page by page: no single read holds the event loop, or memory twice, for a big run. */
export async function readAll<Row>(
  read: (after: number, limit: number) => Promise<readonly Row[]>,
  position: (row: Row) => number,
): Promise<Row[]> {
  const rows: Row[] = []
  let after = 0
  while (true) {
    const page = await read(after, PAGE)
    const last = page.at(-1)
    if (last === undefined) return rows
    for (const row of page) rows.push(row)
    after = position(last)
  }
}
