/**
 * Longer than the longest head of a file in a diff: two names of 4096 bytes, each byte as an escape of four.
 */
const KEPT_BYTES = 40_000;

const NEWLINE = 10;

/**
 * The lines of some bytes without their ends, each as one character per byte (latin1), cut after {@link
 * KEPT_BYTES}: a diff may hold a line of hundreds of megabytes.
 */
export async function* lineBeginnings(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun = '';
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield begun + textOf(chunk, start, end, begun.length);
      begun = '';
      start = end + 1;
    }
    begun += textOf(chunk, start, chunk.length, begun.length);
  }
  if (begun !== '') yield begun;
}

function textOf(chunk: Buffer, start: number, end: number, keptBytes: number): string {
  return chunk.toString('latin1', start, Math.min(end, start + Math.max(0, KEPT_BYTES - keptBytes)));
}
