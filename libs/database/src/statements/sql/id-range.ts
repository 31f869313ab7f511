/**
 * The lowest and the highest UUID with that beginning, to find ids by it with the index of the primary key.
 *
 * @param prefix 1 to 32 hex digits, with or without dashes
 */
export function idRange(prefix: string): { from: string; to: string } {
  const digits = prefix.replaceAll('-', '').toLowerCase();
  return { from: asUuid(digits.padEnd(32, '0')), to: asUuid(digits.padEnd(32, 'f')) };
}

function asUuid(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
