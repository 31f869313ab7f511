/** A stream was larger than allowed. */
export class CeilingReached extends Error {}

/**
 * Gathers a stream in memory.
 *
 * @throws CeilingReached as soon as there are more than `maxBytes`
 */
export async function collect(source: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new CeilingReached();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}
