import { createHash } from 'node:crypto';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DEMO_FOLDER } from './demo-plan.js';
import type { DemoSource } from './demo-source.js';

/** What is at a path: a file with mode and content, a link with its target, or nothing. */
export type Manifest = ReadonlyMap<string, string>;

/** The paths that the demo's task touches once and then leaves alone, as they are on disk. */
export async function manifestOf(worktreeDir: string, source: DemoSource): Promise<Manifest> {
  const added = ['a file with spaces.txt', 'image.bin', 'run.sh', 'link'].map((name) =>
    join(DEMO_FOLDER, name),
  );
  const paths = [...source.edited, source.deleted, ...added];
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await describe(join(worktreeDir, path))] as const)),
  );
}

/** Pure: one line per path that has changed. */
export function differences(before: Manifest, after: Manifest): string[] {
  return [...before]
    .filter(([path, state]) => after.get(path) !== state)
    .map(([path, state]) => `${path}: was ${state}, is ${after.get(path)}`);
}

async function describe(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return 'absent';
  if (found.isSymbolicLink()) return `link to ${await readlink(path)}`;
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return `${found.mode & 0o111 ? 'executable' : 'file'} ${digest.slice(0, 16)}`;
}
