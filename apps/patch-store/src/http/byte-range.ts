/** The bytes `from` … `to`, both included, as HTTP counts them. */
export interface ByteRange {
  from: number;
  to: number;
}

/**
 * Pure: the part of `sizeBytes` bytes that a `Range` header asks for (RFC 9110, 14.2).
 *
 * Multiple ranges, other units and invalid headers are answered with the whole, as the RFC allows.
 */
export function byteRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'whole';
  if (first === '') {
    const lengthBytes = Math.min(Number(last), sizeBytes);
    return lengthBytes === 0 ? 'unsatisfiable' : { from: sizeBytes - lengthBytes, to: sizeBytes - 1 };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return 'whole';
  if (from >= sizeBytes) return 'unsatisfiable';
  return { from, to: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}
