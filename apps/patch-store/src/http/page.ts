/** Splits off the one row that was read beyond the page to find out whether there is another page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
): { items: Row[]; last: Row | undefined; hasMore: boolean } {
  const items = rows.slice(0, limit);
  return { items, last: items.at(-1), hasMore: rows.length > limit };
}
