import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A larger file that never holds still is not copied aside: two of its size would lie on the disk. */
const MAX_COPY_BYTES = 1024 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export interface Copied {
  executable: boolean;
  /** The file did not change while it was read: the copy is what it was at one moment. */
  ofOneMoment: boolean;
}

/**
 * Copies what a regular file holds, from its beginning to the end that it has now, in one read. Others may
 * write into it meanwhile.
 *
 * @param to overwritten; readable by this user alone
 * @returns `changing` when there is no regular file at that path, links not followed, or it is too large
 * @throws the file system's error
 */
export async function copyOnce(from: Buffer, to: string): Promise<Copied | 'changing'> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const before = await source.stat({ bigint: true });
    if (!before.isFile() || before.size > MAX_COPY_BYTES) return 'changing';
    const target = await open(to, 'w', 0o600);
    try {
      await copyBytes(source, target, Number(before.size));
    } finally {
      await target.close();
    }
    const after = await source.stat({ bigint: true });
    return { executable: (before.mode & 0o100n) !== 0n, ofOneMoment: isSame(before, after) };
  } finally {
    await source.close();
  }
}

async function copyBytes(source: FileHandle, target: FileHandle, sizeBytes: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, sizeBytes)));
  let done = 0;
  while (done < sizeBytes) {
    const wanted = Math.min(buffer.length, sizeBytes - done);
    const { bytesRead } = await source.read(buffer, 0, wanted, done);
    if (bytesRead === 0) return; // cut off meanwhile
    await target.writeFile(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.size === other.size && one.mtimeNs === other.mtimeNs && one.ctimeNs === other.ctimeNs;
}
