const LINE_BREAK = 0x0a;

/**
 * Follows what `git update-index --verbose` says: a line of each path, in their order, when it is done with
 * it. A path may contain line breaks itself.
 */
export async function hearOfEach(
  output: AsyncIterable<Buffer>,
  paths: readonly Buffer[],
  take: (path: Buffer) => void,
): Promise<void> {
  let at = 0;
  let breaksSeen = 0;
  for await (const chunk of output) {
    for (const byte of chunk) {
      const path = paths[at];
      if (byte !== LINE_BREAK || path === undefined) continue;
      breaksSeen += 1;
      if (breaksSeen <= lineBreaksIn(path)) continue;
      take(path);
      at += 1;
      breaksSeen = 0;
    }
  }
}

function lineBreaksIn(path: Buffer): number {
  return path.reduce((count, byte) => (byte === LINE_BREAK ? count + 1 : count), 0);
}
