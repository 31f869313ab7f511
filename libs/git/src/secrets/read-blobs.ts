import { runGit } from '../run/run-git.js';

/** In their order; those that are not there are left out. */
export async function sizesOfBlobs(
  gitDir: string,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<[id: string, sizeBytes: number][]> {
  const { stdout } = await runGit({
    purpose: `reading the sizes of ${ids.length} contents in ${gitDir}`,
    gitDir,
    args: ['cat-file', '--batch-check'],
    input: Buffer.from(ids.map((id) => `${id}\n`).join('')),
    signal,
  });
  return stdout
    .toString('latin1')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, kind]) => kind === 'blob')
    .map(([id, , size]) => [id!, Number(size)]);
}

/** In their order; those that are not there are left out. All are in memory at once. */
export async function readBlobs(
  gitDir: string,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<[id: string, content: Buffer][]> {
  if (ids.length === 0) return [];
  const { stdout } = await runGit({
    purpose: `reading ${ids.length} contents in ${gitDir}`,
    gitDir,
    args: ['cat-file', '--batch'],
    input: Buffer.from(ids.map((id) => `${id}\n`).join('')),
    signal,
  });
  const blobs: [string, Buffer][] = [];
  for (let at = 0; at < stdout.length;) {
    const headEnd = stdout.indexOf('\n', at);
    const [id, kind, size] = stdout.toString('latin1', at, headEnd).split(' ');
    at = headEnd + 1;
    if (kind !== 'blob') continue; // "<id> missing"
    blobs.push([id!, stdout.subarray(at, at + Number(size))]);
    at += Number(size) + 1;
  }
  return blobs;
}
